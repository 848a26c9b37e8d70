// Mixed Hamiltonian Monte Carlo on joint laws of discrete and continuous variables whose moments are known.
#include "nuthatch/kernels/mixed_hmc.h"

#include <gtest/gtest.h>

#include <array>

#include "inference/kernels/mixed_hmc.h"
#include "nuthatch/distributions/bernoulli.h"
#include "nuthatch/distributions/categorical.h"
#include "nuthatch/distributions/normal.h"
#include "nuthatch/distributions/poisson.h"
#include "nuthatch/index.h"
#include "nuthatch/kernels/tick_rule.h"
#include "nuthatch/mcmc.h"
#include "tests/inference/kernel_checks.h"

namespace nuthatch {
namespace {

using namespace testing_models;

MCMCOptions many(std::int64_t warmup, std::int64_t samples, std::int64_t chains = 40) {
  MCMCOptions options;
  options.num_warmup = warmup, options.num_samples = samples, options.num_chains = chains, options.progress = false;
  return options;
}
double z_of(const Tensor& x, double expected) {
  return std::abs(z_score(mean(x.cast(f64), 1).to_vector<double>(), expected));
}

constexpr std::array<double, 4> weights{0.15, 0.3, 0.3, 0.25}, centers{-2, 0, 2, 4};

void mixture() {
  Tensor k = sample("k", Categorical(Tensor{0.15, 0.3, 0.3, 0.25}));
  sample("x", Normal(take(Tensor{-2.0, 0.0, 2.0, 4.0}, k), 0.8));
}

TEST(MixedHmc, Mixture) {
  const Fit fit = MCMC(MixedHMC(mixture, {.trajectory_length = 2.0, .num_discrete_updates = 5}), many(300, 4000)).run(Key(1));
  const Tensor x = fit.posterior["x"].tensor(), k = fit.posterior["k"].tensor();
  double first = 0, second = 0;
  for (int i = 0; i < 4; ++i) first += weights[i] * centers[i], second += weights[i] * (centers[i] * centers[i] + 0.64);
  EXPECT_LT(z_of(x, first), 5.5);
  EXPECT_LT(z_of(square(x), second), 5.5);
  for (int i = 0; i < 4; ++i) EXPECT_LT(z_of(k == i, weights[i]), 5.5) << i;
  EXPECT_GT(mean(fit.sample_stats["discrete_moves"].tensor().cast(f64)).item<double>(), 0.1);
}

void counts() {
  Tensor n = sample("n", Poisson(3.0));
  sample("x", Normal(n.cast(f64), 1.0));
}

TEST(MixedHmc, UnboundedSupport) {
  const Fit fit = MCMC(MixedHMC(counts, {.trajectory_length = 2.0}), many(300, 6000)).run(Key(2));
  const Tensor n = fit.posterior["n"].tensor().cast(f64), x = fit.posterior["x"].tensor();
  EXPECT_LT(z_of(n, 3.0), 5.5);
  EXPECT_LT(z_of(square(n), 12.0), 5.5);
  EXPECT_LT(z_of(x, 3.0), 5.5);
  EXPECT_LT(z_of(square(x), 13.0), 5.5);
}

void coins() {
  Tensor x = sample("x", Normal(0.0, 1.5));
  Plate three("three", 3);
  sample("b", Bernoulli(sigmoid(x)));
}

TEST(MixedHmc, SeveralNumbersAndADenseMetric) {
  const Fit fit = MCMC(MixedHMC(coins, {.trajectory_length = 2.0, .metric = dense()}), many(300, 3000)).run(Key(3));
  const Tensor b = fit.posterior["b"].tensor().cast(f64);
  // E sigmoid(x)^3 by the trapezoidal rule, exact to rounding for so smooth a function.
  double cube = 0;
  for (double x = -20; x <= 20; x += 0.01)
    cube += 0.01 * std::exp(-x * x / 4.5) / std::sqrt(4.5 * M_PI) * std::pow(1 / (1 + std::exp(-x)), 3);
  EXPECT_LT(z_of(prod(b, 2), cube), 5.5);
  EXPECT_LT(z_of(mean(b, 2), 0.5), 5.5);
}

/// From exact draws, with steps so long that many trajectories are rejected, and values so near to each other that the
/// discrete number often changes several times in one.
TEST(MixedHmc, Invariant) {
  constexpr std::array<double, 4> weights{0.5, 0.3, 0.15, 0.05}, centers{0, 0.3, 0.6, 0.9};
  const mcmc::LogDensityFunction joint{2, {}, [](const Tensor& z, const std::vector<Tensor>&) {
    Tensor here = arange(4).cast(f64) == z[1];
    Tensor center = sum(select(here, Tensor{0.0, 0.3, 0.6, 0.9}, 0.0));
    Tensor log_weight = sum(select(here, log(Tensor{0.5, 0.3, 0.15, 0.05}), 0.0));
    return log_weight - 0.5 * square((z[0] - center) / 0.8);
  }, {}};
  const mcmc::Sampler fixed{share<kernels::TickRule<kernels::MixedHmc>>(
                                "MixedHMC", kernels::MixedHmc(8.0, 5, {{0.0}, {4.0}})),
                            {mcmc::MetricKind::diagonal, false, false}};
  const int chains = 8192, draws = 20;
  for (const std::uint64_t seed : {1, 2}) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    std::discrete_distribution<int> which(weights.begin(), weights.end());
    std::vector<Tensor> starts;
    for (int c = 0; c < chains; ++c) {
      const int k = which(random);
      starts.push_back(Tensor(std::vector<double>{centers[k] + 0.8 * normal(random), double(k)}));
    }
    mcmc::EngineOptions options;
    options.num_warmup = 0, options.num_samples = draws, options.num_chains = chains, options.threads = 2;
    options.step_size = 1.45;
    mcmc::Engine engine(fixed, joint, options);
    engine.start(Key(seed), starts, 1);
    engine.run([](const auto&) { return true; });
    const auto& store = engine.draws();
    const auto check = [&](auto of, double expected, const char* what) {
      std::vector<double> values;
      for (int c = 0; c < chains; ++c) values.push_back(of(store.positions.as<double>() + (c * draws + draws - 1) * 2));
      EXPECT_LT(std::abs(z_score(values, expected)), 5.5) << what;
    };
    const auto residual = [&](const double* z) { return (z[0] - centers[std::size_t(z[1])]) / 0.8; };
    for (int k = 0; k < 4; ++k) check([=](const double* z) { return double(z[1] == k); }, weights[k], "k");
    check(residual, 0.0, "residual");
    check([&](const double* z) { return residual(z) * residual(z); }, 1.0, "residual^2");
    check([&](const double* z) { return residual(z) * z[1]; }, 0.0, "residual k");
  }
}

TEST(MixedHmc, ChainsAreIndependentOfEachOtherAndResume) {
  const auto same = [](const Tensor& a, const Tensor& b) { return a.to_vector<double>() == b.to_vector<double>(); };
  MCMCOptions options = many(60, 40, 9);
  const Fit nine = MCMC(MixedHMC(mixture), options).run(Key(3)), one = MCMC(MixedHMC(mixture), many(60, 40, 1)).run(Key(3));
  EXPECT_TRUE(same(nine.posterior["x"].tensor()[0], one.posterior["x"].tensor()[0]));
  options.slice_ticks = 31;
  int calls = 0;
  options.on_progress = [&](const Progress&) { return ++calls < 9 * 4; };
  const Fit part = MCMC(MixedHMC(mixture), options).run(Key(3));
  options.on_progress = nullptr;
  EXPECT_TRUE(same(nine.posterior["x"].tensor(), MCMC(MixedHMC(mixture), options).resume(part.state()).posterior["x"].tensor()));
}

TEST(MixedHmc, Messages) {
  const auto message_of = [](auto f) -> std::string {
    try {
      f();
    } catch (const Error& e) {
      return e.what();
    }
    return "no error";
  };
  const auto has = [](const std::string& text, const char* part) { EXPECT_NE(text.find(part), std::string::npos) << text; };
  const auto continuous = [] { sample("x", Normal(0.0, 1.0)); };
  const auto discrete = [] { sample("n", Poisson(3.0)); };
  has(message_of([&] { MCMC(MixedHMC(continuous), many(10, 10, 1)).run(Key(0)); }), "no discrete latent site");
  has(message_of([&] { MCMC(MixedHMC(discrete), many(10, 10, 1)).run(Key(0)); }), "no continuous latent site");
  has(message_of([] { MixedHMC(mixture, {.trajectory_length = 0}); }), "trajectory_length");
  has(message_of([] { MixedHMC(mixture, {.num_discrete_updates = -1}); }), "num_discrete_updates");
  has(message_of([] { MixedHMC(mixture, {.step_size = -1}); }), "MixedHMC: step_size");
}

}  // namespace
}  // namespace nuthatch
