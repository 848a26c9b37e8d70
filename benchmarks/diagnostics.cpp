// Convergence diagnostics of a large posterior: 10,000 parameters, 4 chains of 1,000 draws.
#include "nuthatch/diagnostics.h"

#include <algorithm>
#include <cmath>

#include "benchmarks/parts.h"
#include "nuthatch/inference_data.h"
#include "nuthatch/random.h"
#include "nuthatch/threads.h"

namespace nuthatch::benchmark {
namespace {

constexpr std::int64_t kChains = 4, kDraws = 1000, kParameters = 10000;

/// Stationary autoregressive chains x_t = phi x_{t-1} + sqrt(1 - phi^2) e_t, made from few normals: what matters is
/// that they are in no order.
InferenceData posterior(double phi) {
  const auto normals = normal(Key(1), Shape{1 << 20}).to_vector<double>();
  detail::Array draws(Dtype::f64, Shape{kChains, kDraws, kParameters});
  std::vector<double> state(kParameters);
  std::uint64_t next = 0;
  const auto draw = [&] { return normals[(next += 0x9E3779B97F4A7C15u) >> 44]; };
  double* out = draws.as<double>();
  for (std::int64_t c = 0; c < kChains; ++c) {
    for (double& x : state) x = draw();
    for (std::int64_t d = 0; d < kDraws; ++d)
      for (double& x : state) {
        *out++ = x;
        x = phi * x + std::sqrt(1 - phi * phi) * draw();
      }
  }
  InferenceData data;
  data.posterior.set("x", DataArray({"chain", "draw", "parameter"}, std::move(draws)));
  return data;
}

}  // namespace

void measure_diagnostics(const Options& options) {
  const InferenceData data = posterior(0.3);
  const Tensor x = data.posterior["x"].tensor();
  const auto measure = [&](const char* what, auto&& call) {
    report({.name = "diagnostics",
            .model = "10000 x 4 x 1000",
            .what = what,
            .unit = "s",
            .values = time_calls(options.repetitions, call),
            .threads = num_threads(),
            .chains = int(kChains)});
  };
  measure("r_hat, ess_bulk, ess_tail", [&] { (void)data.diagnose(); });
  measure("summary", [&] { (void)data.summary(); });
  measure("r_hat", [&] { (void)r_hat(x); });
  measure("ess_bulk", [&] { (void)ess_bulk(x); });
  measure("mcse_mean", [&] { (void)mcse_mean(x); });
}

}  // namespace nuthatch::benchmark
