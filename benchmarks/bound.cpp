// The gradient written by hand, measured and checked like ours.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "benchmarks/bounds/bounds.h"
#include "benchmarks/parts.h"

namespace nuthatch::benchmark {
namespace {

/// The largest error against the reference, relative to the larger of the component and 1.
double error_of(const Bound& bound, const std::string& model, const std::string& folder) {
  std::ifstream in(folder + "/reference/" + model + ".grad.json");
  if (!in) throw Error("cannot read the reference of " + model);
  double worst = 0, offset = NAN;
  std::vector<double> gradient(std::size_t(bound.dim));
  auto compare = [&](double ours, double theirs) {
    const double error = std::abs(ours - theirs) / std::max(1.0, std::abs(theirs));
    worst = std::isnan(error) ? INFINITY : std::max(worst, error);
  };
  for (const auto& entry : nlohmann::json::parse(in)) {
    const auto x = entry.at("x").get<std::vector<double>>(), expected = entry.at("grad").get<std::vector<double>>();
    if (std::int64_t(x.size()) != bound.dim) throw Error("the bound of " + model + " has other unknowns");
    const double density = bound.evaluate(x.data(), gradient.data()), reference = entry.at("lp_jac");
    if (std::isnan(offset)) offset = density - reference;  // values agree up to one constant
    compare(density - offset, reference);
    for (std::size_t i = 0; i < x.size(); ++i) compare(gradient[i], expected[i]);
  }
  return worst;
}

}  // namespace

void measure_bound(const Problem& problem, const Options& options) {
  const Bound bound = load_bound(problem.name, options.folder);
  if (bound.dim == 0) return;
  const double error = error_of(bound, problem.name, options.folder);
  if (!(error < 1e-10)) std::fprintf(stderr, "%s: the gradient by hand is off by %.2g\n", problem.name.c_str(), error);
  std::vector<double> x(std::size_t(bound.dim)), gradient(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = 0.1 * std::sin(double(i));
  double kept = 0;
  std::int64_t count = 1;
  auto run = [&] {
    for (std::int64_t i = 0; i < count; ++i) kept += bound.evaluate(x.data(), gradient.data());
  };
  for (double seconds = 0; seconds < 0.01; count *= 4) {
    const auto start = Clock::now();
    run();
    seconds = seconds_since(start);
    if (seconds >= 0.01) break;
  }
  Measurement m{"bound/" + problem.name, problem.name, "value and gradient written by hand, 1 chain", "ns", {}, 1, 1, 1,
                error < 1e-10};
  for (const double s : time_calls(options.repetitions, run)) m.values.push_back(1e9 * s / double(count));
  if (!std::isfinite(kept)) throw Error(problem.name + ": the gradient by hand is not finite");
  report(m);
}

}  // namespace nuthatch::benchmark
