// The compiled samplers against exact posterior expectations. Errors of a mean are estimated from the spread of many
// independent chains, so no effective sample size is needed. All checks of a test together raise a false alarm with
// probability below 1e-4: |z| < 5.5 with 40 or more chains.
#include <gtest/gtest.h>

#include <cmath>

#include "nuthatch/diagnostics.h"
#include "tests/inference/kernel_checks.h"

namespace nuthatch {
namespace {

using namespace testing_models;
mcmc::EngineOptions many_chains(std::int64_t samples) {
  mcmc::EngineOptions options;
  options.num_samples = samples, options.num_chains = 64, options.threads = 2;
  return options;
}

struct Setup {
  std::string name;
  Form form;
  mcmc::MetricKind metric;
};
class Posterior : public ::testing::TestWithParam<Setup> {
 protected:
  mcmc::Sampler chosen() { return sampler(GetParam().form, {GetParam().metric, true, true}); }
};

TEST_P(Posterior, EightSchools) {
  for (const std::uint64_t seed : {1, 2}) {
    const auto engine = run(chosen(), eight_schools(), Key(seed), many_chains(2000));
    EXPECT_LT(std::abs(z_score(engine, 10, [](const double* z) { return z[0]; }, 4.396821)), 5.5);
    EXPECT_LT(std::abs(z_score(engine, 10, [](const double* z) { return std::exp(z[1]); }, 3.597705)), 5.5);
    const double mu_square = 3.317704 * 3.317704 + 4.396821 * 4.396821;
    EXPECT_LT(std::abs(z_score(engine, 10, [](const double* z) { return z[0] * z[0]; }, mu_square)), 5.5);
  }
}

TEST_P(Posterior, CorrelatedGaussian) {
  const double mean[5] = {1, -2, 0, 0, 3}, sd[5] = {1, 5, 0.1, 1, 2};
  for (const std::uint64_t seed : {1, 2}) {
    const auto engine = run(chosen(), correlated_gaussian(), Key(seed), many_chains(1000));
    for (int i = 0; i < 5; ++i) {
      EXPECT_LT(std::abs(z_score(engine, 5, [&](const double* z) { return z[i]; }, mean[i])), 5.5) << i;
      const auto square = [&](const double* z) { return (z[i] - mean[i]) * (z[i] - mean[i]); };
      EXPECT_LT(std::abs(z_score(engine, 5, square, sd[i] * sd[i])), 5.5) << i;
    }
    const auto product = [&](const double* z) { return (z[0] - mean[0]) * (z[1] - mean[1]); };
    EXPECT_LT(std::abs(z_score(engine, 5, product, 0.95 * 5)), 5.5);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Kernels, Posterior,
    ::testing::Values(Setup{"Paired", Form::paired, mcmc::MetricKind::diagonal},
                      Setup{"PairedDense", Form::paired, mcmc::MetricKind::dense},
                      Setup{"Plain", Form::plain, mcmc::MetricKind::diagonal},
                      Setup{"Fisher", Form::fisher, mcmc::MetricKind::diagonal},
                      Setup{"DenseFisher", Form::dense, mcmc::MetricKind::dense},
                      Setup{"LowRank", Form::low_rank, mcmc::MetricKind::low_rank},
                      Setup{"Hmc", Form::hmc, mcmc::MetricKind::diagonal}),
    [](const auto& info) { return info.param.name; });

/// The adapted acceptance statistic is near its target.
TEST(Adaptation, ReachesTheTarget) {
  for (const double target : {0.6, 0.8, 0.95}) {
    auto options = many_chains(500);
    options.target_accept_prob = target;
    const auto engine = run(sampler(Form::paired, {.mass_matrix = false}), standard_normal(20), Key(4), options);
    const auto& stats = engine.draws().stats;
    double mean = 0;
    for (std::int64_t i = 0; i < stats.shape[0] * stats.shape[1]; ++i)
      mean += stats.as<double>()[i * stats.shape[2]] / double(stats.shape[0] * stats.shape[1]);
    EXPECT_NEAR(mean, target, 0.06);
  }
}

/// 50 normal variables, three directions of which are 20, 10 and 1/10 as wide as the others: x = U^T (s^-2 - 1) U x + x.
LogDensityFunction three_directions() {
  Tensor directions = transpose(qr(normal(Key(7), {50, 3})).q);
  return {50, {directions, 1.0 / square(Tensor{20.0, 10.0, 0.1}) - 1.0}, [](const Tensor& z, const std::vector<Tensor>& data) {
            return -0.5 * (sum(square(z)) + sum(data[1] * square(matmul(data[0], z))));
          }, {}};
}

/// The least bulk effective sample size of all coordinates per gradient, warm-up included.
double ess_per_gradient(const mcmc::Sampler& sampler, const LogDensityFunction& model, std::int64_t num_warmup) {
  mcmc::EngineOptions options;
  options.num_warmup = num_warmup, options.num_samples = 1000, options.num_chains = 4, options.threads = 2;
  const auto engine = run(sampler, model, Key(11), options);
  double gradients = 0;
  for (const auto& chain : engine.reports()) gradients += double(chain.leapfrogs + chain.warmup_leapfrogs);
  const Tensor draws = detail::wrap(detail::concrete(engine.draws().positions));
  return min(ess_bulk(draws)).item() / gradients;
}

TEST(Adaptation, LowRankMetricsPayForStrongDirections) {
  const double diagonal = ess_per_gradient(sampler(Form::fisher), three_directions(), 500);
  EXPECT_GT(ess_per_gradient(sampler(Form::low_rank), three_directions(), 500), 4 * diagonal);
  EXPECT_GT(ess_per_gradient(sampler(Form::dense), three_directions(), 500), 4 * diagonal);
}

/// A chain that starts where the log density is -1e17 and steeper still comes down and goes on with steps of length one.
TEST(Adaptation, ComesBackFromBadStarts) {
  const LogDensityFunction steep{3, {}, [](const Tensor& z, const std::vector<Tensor>&) {
                                   Tensor rate = z[0] + 3.0 * z[1] - 2.0 * z[2];
                                   return 20.0 * rate - exp(rate) - 0.5 * sum(square(z)) / 25.0;
                                 }, {}};
  mcmc::EngineOptions options;
  options.num_warmup = 500, options.num_samples = 100, options.num_chains = 4;
  for (const Form form : {Form::fisher, Form::low_rank, Form::dense}) {
    mcmc::Engine engine(sampler(form), steep, options);
    engine.start(Key(1), {Tensor{5.0, 9.0, -4.0}, Tensor{1.0, 4.0, -7.0}, Tensor{-40.0, 0.0, -40.0}, Tensor{0.0, 13.0, 0.0}}, 1);
    EXPECT_TRUE(engine.run([](const auto&) { return true; }));
    for (const auto& chain : engine.reports()) EXPECT_GT(chain.step_size, 0.1) << name_of(form);
  }
}

TEST(Adaptation, DenseMetricLearnsTheCorrelation) {
  const auto engine = run(sampler(Form::paired, {mcmc::MetricKind::dense, true, true}), correlated_gaussian(), Key(9),
                          many_chains(10));
  const auto metric = engine.typed_states().adaptation.tuning.inverse_mass.to_vector<double>();
  for (std::size_t c = 0; c < 64; ++c) {
    const double* m = metric.data() + 25 * c;
    EXPECT_NEAR(m[1] / std::sqrt(m[0] * m[6]), 0.95, 0.05);
  }
}

}  // namespace
}  // namespace nuthatch
