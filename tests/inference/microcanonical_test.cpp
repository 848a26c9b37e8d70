// The microcanonical samplers: the dynamics against their equations, MAMS exactly, MCLMC within its bias.
#include <gtest/gtest.h>

#include "nuthatch/distributions/normal.h"
#include "nuthatch/kernels/mams.h"
#include "nuthatch/kernels/mclmc.h"
#include "nuthatch/mcmc.h"
#include "tests/inference/kernel_checks.h"

namespace nuthatch {
namespace {

using namespace testing_models;

/// du/dt = (I - u u^T) g / (dim - 1) by small explicit steps, and dE/dt = g.u: the work of the force.
TEST(Microcanonical, TurnSolvesItsEquation) {
  const std::vector<double> g{1.5, -2.0, 0.7, 3.0};
  std::vector<double> u{0.5, 0.5, -0.5, 0.5};
  const int steps = 400000;
  const double time = 0.8, h = time / steps;
  double work = 0;
  for (int s = 0; s < steps; ++s) {
    // Heun's method.
    const auto slope = [&](const std::vector<double>& v) {
      double along = 0;
      for (int i = 0; i < 4; ++i) along += v[i] * g[i];
      std::vector<double> d;
      for (int i = 0; i < 4; ++i) d.push_back((g[i] - along * v[i]) / 3.0);
      d.push_back(along);
      return d;
    };
    const auto a = slope(u);
    std::vector<double> predicted;
    for (int i = 0; i < 4; ++i) predicted.push_back(u[i] + h * a[i]);
    const auto b = slope(predicted);
    for (int i = 0; i < 4; ++i) u[i] += 0.5 * h * (a[i] + b[i]);
    work += 0.5 * h * (a[4] + b[4]);
  }
  const auto turned = kernels::turn(Tensor{0.5, 0.5, -0.5, 0.5}, Tensor(g), Tensor(time));
  const auto direction = turned.direction.to_vector<double>();
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(direction[i], u[i], 1e-9);
  EXPECT_NEAR(turned.energy_change.item<double>(), work, 1e-9);
}

TEST(Microcanonical, TurnIsReversible) {
  const Tensor g{1.5, -2.0, 0.7}, u{0.6, 0.0, 0.8};
  const auto there = kernels::turn(u, g, Tensor(0.7));
  const auto back = kernels::turn(-there.direction, g, Tensor(0.7));
  const auto direction = (-back.direction).to_vector<double>();
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(direction[i], u.to_vector<double>()[i], 1e-14);
  EXPECT_NEAR(there.energy_change.item<double>() + back.energy_change.item<double>(), 0, 1e-14);
}

TEST(Mams, LeavesTheTargetInvariant) {
  for (const double step : {0.4, 1.2})
    for (const std::uint64_t seed : {1, 2}) expect_invariant(sampler(Form::mams), step, seed);
}

TEST(Mams, EightSchools) {
  mcmc::EngineOptions options;
  options.num_warmup = 1000, options.num_samples = 2000, options.num_chains = 64, options.threads = 2;
  options.target_accept_prob = 0.9;
  for (const std::uint64_t seed : {1, 2}) {
    const auto engine = run(sampler(Form::mams), eight_schools(), Key(seed), options);
    EXPECT_LT(std::abs(z_score(engine, 10, [](const double* z) { return z[0]; }, 4.396821)), 5.5);
    EXPECT_LT(std::abs(z_score(engine, 10, [](const double* z) { return std::exp(z[1]); }, 3.597705)), 5.5);
    const double mu_square = 3.317704 * 3.317704 + 4.396821 * 4.396821;
    EXPECT_LT(std::abs(z_score(engine, 10, [](const double* z) { return z[0] * z[0]; }, mu_square)), 5.5);
  }
}

/// A hundred normal dimensions, standard deviations from 0.1 to 10.
LogDensityFunction scales() {
  std::vector<double> sd;
  for (int i = 0; i < 100; ++i) sd.push_back(std::pow(10.0, -1.0 + 2.0 * i / 99.0));
  return {100, {Tensor(sd)}, [](const Tensor& z, const std::vector<Tensor>& data) {
            return -0.5 * sum(square(z / data[0]));
          }, {}};
}

/// (mean of z^2 over draws, chains and dimensions, in units of the variance) - 1.
double relative_bias(double energy_variance) {
  mcmc::EngineOptions options;
  options.num_warmup = 1000, options.num_samples = 2000, options.num_chains = 16, options.threads = 2;
  const mcmc::Sampler kernel{
      kernels::point_rule("MCLMC", kernels::UnadjustedMicrocanonical({.energy_variance = energy_variance})),
      {mcmc::MetricKind::diagonal, false, true}};
  const auto engine = run(kernel, scales(), Key(1), options);
  const auto& store = engine.draws();
  const auto sd = scales().data[0].to_vector<double>();
  double total = 0;
  for (std::int64_t i = 0; i < store.positions.num_elements(); ++i) {
    const double x = store.positions.as<double>()[i] / sd[std::size_t(i % 100)];
    total += x * x / double(store.positions.num_elements());
  }
  return total - 1;
}

/// The energy error grows with the sixth power of the step size, the bias with its square: a fiftieth of the error makes
/// the bias 50^(1/3) = 3.7 times smaller.
TEST(Mclmc, BiasFollowsTheEnergyError) {
  const double usual = relative_bias(5e-4), small = relative_bias(1e-5);
  EXPECT_LT(std::abs(usual), 0.05);
  EXPECT_NEAR(usual / small, std::cbrt(50.0), 1.5);
}

TEST(Mclmc, EnergyErrorIsTheOneWanted) {
  mcmc::EngineOptions options;
  options.num_warmup = 1500, options.num_samples = 500, options.num_chains = 16, options.threads = 2;
  const auto engine = run(sampler(Form::mclmc), scales(), Key(2), options);
  double mean = 0;
  const auto& stats = engine.draws().stats;
  for (std::int64_t i = 0; i < stats.shape[0] * stats.shape[1]; ++i)
    mean += stats.as<double>()[5 * i + 4] / double(stats.shape[0] * stats.shape[1]);
  EXPECT_GT(mean, 1e-4);
  EXPECT_LT(mean, 2e-3);
}

void two(const Observed& y) {
  Tensor a = sample("a", Normal(0.0, 1.0)), b = sample("b", Normal(a, 1.0));
  sample("y", Normal(b, 1.0), y);
}

/// The posterior is normal with mean (1/3, 2/3) y.
TEST(Microcanonical, Fits) {
  MCMCOptions options;
  options.num_warmup = 1000, options.num_samples = 4000, options.num_chains = 32, options.progress = false;
  const Fit exact = MCMC(MAMS(two), options).run(Key(0), 3.0);
  EXPECT_LT(std::abs(z_score(mean(exact.posterior["a"].tensor(), 1).to_vector<double>(), 1.0)), 5.5);
  EXPECT_LT(std::abs(z_score(mean(exact.posterior["b"].tensor(), 1).to_vector<double>(), 2.0)), 5.5);
  const Fit fast = MCMC(MCLMC(two), options).run(Key(0), 3.0);
  EXPECT_NEAR(mean(fast["a"]).item<double>(), 1.0, 0.05);
  EXPECT_NEAR(mean(fast["b"]).item<double>(), 2.0, 0.05);
  const auto one = [](const Observed& y) { sample("y", Normal(sample("m", Normal(0.0, 1.0)), 1.0), y); };
  EXPECT_THROW(MCMC(MAMS(one), options).run(Key(0), 0.0), Error);
  EXPECT_THROW(MCMC(MCLMC(one), options).run(Key(0), 0.0), Error);
  EXPECT_THROW(MCLMC(two, {.steps_per_draw = 0}), Error);
  EXPECT_THROW(MAMS(two, {.trajectory_length = -1.0}), Error);
}

}  // namespace
}  // namespace nuthatch
