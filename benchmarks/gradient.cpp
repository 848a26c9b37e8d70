// The gradient alone: the innermost loop of inference.
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "benchmarks/parts.h"
#include "benchmarks/gradient_program.h"

namespace nuthatch::benchmark {
namespace {

using detail::Array;

struct Point {
  std::vector<double> x, gradient;
  double log_density = 0;
};

/// position[i]: where coordinate i of the reference stands in our vector, which orders sites by name.
std::vector<std::int64_t> positions(const Problem& problem, const LogDensity& density) {
  std::vector<std::int64_t> result;
  for (const std::string& name : problem.reference_order)
    for (const LatentSite& site : density.sites())
      if (site.name == name)
        for (std::int64_t i = 0; i < site.size; ++i) result.push_back(site.offset + i);
  if (std::int64_t(result.size()) != density.dim()) throw Error(problem.name + ": the reference has other unknowns");
  return result;
}

std::vector<Point> reference_points(const Problem& problem, const std::string& folder, const LogDensity& density) {
  const std::string path = folder + "/reference/" + problem.name + ".grad.json";
  std::ifstream in(path);
  if (!in) throw Error("cannot read " + path);
  const auto place = positions(problem, density);
  std::vector<Point> points;
  for (const auto& entry : nlohmann::json::parse(in)) {
    const auto x = entry.at("x").get<std::vector<double>>(), gradient = entry.at("grad").get<std::vector<double>>();
    Point p{std::vector<double>(x.size()), std::vector<double>(x.size()), entry.at("lp_jac")};
    for (std::size_t i = 0; i < x.size(); ++i) p.x[place.at(i)] = x[i], p.gradient[place[i]] = gradient[i];
    points.push_back(std::move(p));
  }
  return points;
}

}  // namespace

double gradient_error(const Problem& problem, const std::string& folder, int lane_width) {
  const LogDensity density(problem.bound);
  const auto points = reference_points(problem, folder, density);
  const std::int64_t chains = std::int64_t(points.size()), dim = density.dim();
  const auto executable = detail::executor().compile_lanes(gradient_program(density), lanes(density, lane_width, 2));
  Array z(f64, {chains, dim});
  for (std::int64_t c = 0; c < chains; ++c) std::copy_n(points[c].x.data(), dim, z.as<double>() + c * dim);
  const auto results = executable->run(arguments(density, z), chains, 1, {});
  WorstError worst;
  for (std::int64_t c = 0; c < chains; ++c) {
    for (std::int64_t i = 0; i < dim; ++i) worst.compare(results[1].as<double>()[c * dim + i], points[c].gradient[i]);
    // Values agree up to one constant.
    worst.compare(results[0].as<double>()[c] - results[0].as<double>()[0], points[c].log_density - points[0].log_density);
  }
  return worst.value;
}

void measure_gradient(const Problem& problem, const Options& options, bool checked) {
  const LogDensity density(problem.bound);
  const std::int64_t dim = density.dim();
  for (const int chains : {1, 8}) {
    const auto executable = detail::executor().compile_lanes(repeated_gradient_program(density), lanes(density, chains, 2));
    Array z(f64, {chains, dim});
    for (std::int64_t i = 0; i < chains * dim; ++i) z.as<double>()[i] = 0.1 * std::sin(double(i));
    auto run = [&](std::int64_t count) { executable->run(arguments(density, z, count), chains, 1, {}); };
    const std::int64_t count = enough_calls(run);
    Measurement m{"gradient/" + problem.name + "/" + std::to_string(chains), problem.name,
                  "value and gradient per chain, " + std::to_string(chains) + (chains > 1 ? " chains in lanes" : " chain"), "ns",
                  {}, 1, chains, chains, checked};
    for (const double s : time_calls(options.repetitions, [&] { run(count); }))
      m.values.push_back(1e9 * s / double(count) / chains);
    report(m);
  }
  auto compiled = jit(value_and_grad([&](Tensor z) { return density(z); }));
  Tensor z = 0.1 * ones(dim);
  compiled(z);
  Measurement m{"gradient/" + problem.name + "/jit", problem.name, "value and gradient, one call of jit", "ns",
                {}, 1, 1, 1, checked};
  const int calls = 20;
  for (const double s : time_calls(options.repetitions, [&] { for (int i = 0; i < calls; ++i) compiled(z); }))
    m.values.push_back(1e9 * s / calls);
  report(m);
}

}  // namespace nuthatch::benchmark
