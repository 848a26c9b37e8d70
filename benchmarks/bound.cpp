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
  WorstError worst;
  double offset = NAN;
  std::vector<double> gradient(std::size_t(bound.dim));
  for (const auto& entry : nlohmann::json::parse(in)) {
    const auto x = entry.at("x").get<std::vector<double>>(), expected = entry.at("grad").get<std::vector<double>>();
    if (std::int64_t(x.size()) != bound.dim) throw Error("the bound of " + model + " has other unknowns");
    const double density = bound.evaluate(x.data(), gradient.data()), reference = entry.at("lp_jac");
    if (std::isnan(offset)) offset = density - reference;  // values agree up to one constant
    worst.compare(density - offset, reference);
    for (std::size_t i = 0; i < x.size(); ++i) worst.compare(gradient[i], expected[i]);
  }
  return worst.value;
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
  auto run = [&](std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) kept += bound.evaluate(x.data(), gradient.data());
  };
  const std::int64_t count = enough_calls(run);
  Measurement m{"bound/" + problem.name, problem.name, "value and gradient written by hand, 1 chain", "ns", {}, 1, 1, 1,
                error < 1e-10};
  for (const double s : time_calls(options.repetitions, [&] { run(count); })) m.values.push_back(1e9 * s / double(count));
  if (!std::isfinite(kept)) throw Error(problem.name + ": the gradient by hand is not finite");
  report(m);
}

}  // namespace nuthatch::benchmark
