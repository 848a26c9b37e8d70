// Statistical checks of kernels. The error of a mean is estimated from the spread of independent chains, so no effective
// sample size is needed.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>
#include <vector>

#include "tests/inference/test_models.h"

namespace nuthatch::testing_models {

using OfPosition = std::function<double(const double* position)>;

/// (mean of values - expected) / its standard error.
inline double z_score(const std::vector<double>& values, double expected) {
  double mean = 0, squares = 0;
  for (const double x : values) mean += x / double(values.size());
  for (const double x : values) squares += (x - mean) * (x - mean);
  return (mean - expected) / std::sqrt(squares / double(values.size() - 1) / double(values.size()));
}

/// The same for the means of the chains.
inline double z_score(const mcmc::Engine& engine, std::int64_t dim, const OfPosition& f, double expected) {
  const auto& store = engine.draws();
  std::vector<double> means;
  for (std::int64_t c = 0; c < store.chains; ++c) {
    double total = 0;
    for (std::int64_t t = 0; t < store.capacity; ++t)
      total += f(store.positions.as<double>() + (c * store.capacity + t) * dim);
    means.push_back(total / double(store.capacity));
  }
  return z_score(means, expected);
}

/// A crooked target with exact draws: x0 standard normal, x1 normal(x0^2, 1/2), exp(x2) gamma(2, 1) distributed.
inline LogDensityFunction crooked() {
  return {3, {}, [](const Tensor& z, const std::vector<Tensor>&) {
            return -0.5 * square(z[0]) - 2.0 * square(z[1] - square(z[0])) + 2.0 * z[2] - exp(z[2]);
          }, {}};
}

/// Its expectations; z points to a position.
struct Expectation {
  const char* name;
  OfPosition of;
  double expected;
};
inline std::vector<Expectation> crooked_expectations() {
  const auto residual = [](const double* z) { return z[1] - z[0] * z[0]; };
  return {{"x0", [](const double* z) { return z[0]; }, 0.0},
          {"x0^2", [](const double* z) { return z[0] * z[0]; }, 1.0},
          {"|x0| < 1", [](const double* z) { return double(std::abs(z[0]) < 1); }, 0.6826894921370859},
          {"residual", [=](const double* z) { return residual(z); }, 0.0},
          {"residual^2", [=](const double* z) { return residual(z) * residual(z); }, 0.25},
          {"x0 residual", [=](const double* z) { return z[0] * residual(z); }, 0.0},
          {"exp(x2)", [](const double* z) { return std::exp(z[2]); }, 2.0},
          {"exp(2 x2)", [](const double* z) { return std::exp(2 * z[2]); }, 6.0},
          {"x2", [](const double* z) { return z[2]; }, 0.42278433509846714},  // digamma(2)
          {"x2 x0", [](const double* z) { return z[2] * z[0]; }, 0.0}};
}
/// n exact draws in a row.
inline Tensor crooked_draws(std::mt19937_64& random, std::int64_t n) {
  std::normal_distribution<double> normal;
  std::gamma_distribution<double> gamma(2.0, 1.0);
  std::vector<double> all;
  for (std::int64_t i = 0; i < n; ++i) {
    const double x = normal(random), y = x * x + 0.5 * normal(random), z = std::log(gamma(random));
    all.insert(all.end(), {x, y, z});
  }
  return Tensor(all);
}

/// Chains start at exact draws and move a few times with a fixed kernel: if it leaves the target as it is, the points are
/// exact draws still. Neither burn-in nor correlation blurs the comparison (Gandy & Scott, "Unit testing for MCMC", 2020).
/// Of an ensemble, `walkers` exact draws are one start.
inline void expect_invariant(const mcmc::Sampler& kernel, double step_size, std::uint64_t seed, int draws = 10,
                             int chains = 4096) {
  const std::int64_t walkers = kernel.kernel->walkers(), row = 3 * walkers;
  std::mt19937_64 random(seed);
  std::vector<Tensor> starts;
  for (int c = 0; c < chains; ++c) starts.push_back(crooked_draws(random, walkers));
  mcmc::EngineOptions options;
  options.num_warmup = 0, options.num_samples = draws, options.num_chains = chains, options.threads = 2;
  options.step_size = step_size;
  LogDensityFunction model = crooked();
  model.dim = row;
  mcmc::Engine engine(kernel, model, options);
  engine.start(Key(seed), starts, 1);
  engine.run([](const auto&) { return true; });

  const auto& store = engine.draws();
  for (const Expectation& e : crooked_expectations()) {
    std::vector<double> values;
    for (int c = 0; c < chains; ++c) {
      const double* last = store.positions.as<double>() + (c * draws + draws - 1) * row;
      double total = 0;
      for (std::int64_t w = 0; w < walkers; ++w) total += e.of(last + 3 * w) / double(walkers);
      values.push_back(total);
    }
    EXPECT_LT(std::abs(z_score(values, e.expected)), 5.5) << e.name;
  }
}

}  // namespace nuthatch::testing_models
