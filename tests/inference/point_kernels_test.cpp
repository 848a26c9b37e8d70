// Random-walk Metropolis, Barker's proposal, slice samplers, sample adaptive MCMC: invariance from exact draws, known
// posteriors, the interpreter's bits, models and messages. Determinism is tested for all kernels in determinism_test.cpp.
#include <gtest/gtest.h>

#include "nuthatch/kernels/barker_mh.h"
#include "nuthatch/kernels/elliptical_slice.h"
#include "nuthatch/kernels/random_walk_metropolis.h"
#include "nuthatch/kernels/sa.h"
#include "nuthatch/kernels/slice_sampler.h"
#include "nuthatch/distributions/exponential.h"
#include "nuthatch/distributions/normal.h"
#include "nuthatch/mcmc.h"
#include "tests/inference/kernel_checks.h"
#include "tests/errors/messages.h"

namespace nuthatch {
namespace {

using namespace testing_models;

// ---- invariance ----

TEST(Invariance, RandomWalk) {
  for (const std::uint64_t seed : {1, 2}) expect_invariant(sampler(Form::random_walk), 0.8, seed);
}
TEST(Invariance, Barker) {
  for (const std::uint64_t seed : {1, 2}) expect_invariant(sampler(Form::barker), 0.9, seed);
}
TEST(Invariance, Slice) {
  for (const std::uint64_t seed : {1, 2}) expect_invariant(sampler(Form::slice), 1.0, seed);
}
TEST(Invariance, SliceThatMayNotStepOutFar) {
  const mcmc::Sampler narrow{kernels::point_rule("SliceSampler", kernels::CoordinateSlice(0.3, 2)),
                             sampler(Form::slice).rules};
  for (const std::uint64_t seed : {1, 2}) expect_invariant(narrow, 1.0, seed);
}
TEST(Invariance, EllipticalSlice) {
  for (const std::uint64_t seed : {1, 2}) expect_invariant(sampler(Form::elliptical, {}, 10, 3), 1.0, seed);
}
TEST(Invariance, EllipticalSliceWithCorrelatedPrior) {
  const Tensor factor = reshape(Tensor{1.0, 0.0, 0.0, 0.4, 0.7, 0.0, -0.3, 0.2, 1.2}, {3, 3});
  const mcmc::Sampler correlated{
      kernels::point_rule("EllipticalSlice", kernels::EllipticalSlice({Tensor{0.1, 0.5, -0.2}, factor})),
      sampler(Form::elliptical).rules};
  for (const std::uint64_t seed : {1, 2}) expect_invariant(correlated, 1.0, seed);
}
TEST(Invariance, Hmc) {
  for (const std::uint64_t seed : {1, 2}) expect_invariant(sampler(Form::hmc), 0.3, seed);
}
TEST(Invariance, Nuts) {
  for (const std::uint64_t seed : {1, 2}) expect_invariant(sampler(Form::paired), 0.3, seed);
}

// ---- adapted, from far away ----

mcmc::EngineOptions long_run(std::int64_t warmup, std::int64_t samples, double target) {
  mcmc::EngineOptions options;
  options.num_warmup = warmup, options.num_samples = samples, options.num_chains = 64, options.threads = 2;
  options.thinning = 10, options.target_accept_prob = target;
  return options;
}

class PointKernels : public ::testing::TestWithParam<Form> {
 protected:
  static double target() { return GetParam() == Form::barker ? 0.4 : 0.234; }
};

TEST_P(PointKernels, EightSchools) {
  for (const std::uint64_t seed : {1, 2}) {
    const auto engine = run(sampler(GetParam()), eight_schools(), Key(seed), long_run(3000, 10000, target()));
    EXPECT_LT(std::abs(z_score(engine, 10, [](const double* z) { return z[0]; }, 4.396821)), 5.5);
    EXPECT_LT(std::abs(z_score(engine, 10, [](const double* z) { return std::exp(z[1]); }, 3.597705)), 5.5);
    const double mu_square = 3.317704 * 3.317704 + 4.396821 * 4.396821;
    EXPECT_LT(std::abs(z_score(engine, 10, [](const double* z) { return z[0] * z[0]; }, mu_square)), 5.5);
  }
}

TEST_P(PointKernels, CorrelatedGaussian) {
  const double mean[5] = {1, -2, 0, 0, 3}, sd[5] = {1, 5, 0.1, 1, 2};
  for (const std::uint64_t seed : {1, 2}) {
    const auto engine = run(sampler(GetParam(), {}, 10, 5), correlated_gaussian(), Key(seed),
                            long_run(3000, 10000, target()));
    for (int i = 0; i < 5; ++i) {
      EXPECT_LT(std::abs(z_score(engine, 5, [&](const double* z) { return z[i]; }, mean[i])), 5.5) << i;
      const auto square = [&](const double* z) { return (z[i] - mean[i]) * (z[i] - mean[i]); };
      EXPECT_LT(std::abs(z_score(engine, 5, square, sd[i] * sd[i])), 5.5) << i;
    }
    const auto product = [&](const double* z) { return (z[0] - mean[0]) * (z[1] - mean[1]); };
    EXPECT_LT(std::abs(z_score(engine, 5, product, 0.95 * 5)), 5.5);
  }
}

TEST_P(PointKernels, InterpreterGivesTheSameBits) {
  mcmc::EngineOptions options;
  options.num_warmup = 25, options.num_samples = 10, options.num_chains = 2, options.save_warmup = true;
  const auto compiled = run(sampler(GetParam()), eight_schools(), Key(7), options);
  options.interpret = true;
  const auto interpreted = run(sampler(GetParam()), eight_schools(), Key(7), options);
  const auto &a = compiled.draws().positions, &b = interpreted.draws().positions;
  for (std::int64_t i = 0; i < a.num_elements(); ++i) ASSERT_EQ(a.as<double>()[i], b.as<double>()[i]) << i;
}

INSTANTIATE_TEST_SUITE_P(Kernels, PointKernels,
                         ::testing::Values(Form::random_walk, Form::barker, Form::slice, Form::sample_adaptive),
                         [](const auto& info) { return name_of(info.param); });

TEST(PointKernelsAdapt, DenseMetricLearnsTheCorrelation) {
  for (const Form form : {Form::random_walk, Form::barker}) {
    const auto engine = run(sampler(form, {mcmc::MetricKind::dense, true, true}), correlated_gaussian(), Key(9),
                            long_run(8000, 4000, form == Form::barker ? 0.4 : 0.234));
    const auto metric = engine.typed_states().adaptation.tuning.inverse_mass.to_vector<double>();
    double correlation = 0;
    for (std::size_t c = 0; c < 64; ++c)
      correlation += metric[25 * c + 1] / std::sqrt(metric[25 * c] * metric[25 * c + 6]) / 64;
    EXPECT_NEAR(correlation, 0.95, 0.03) << name_of(form);
    const auto product = [](const double* z) { return (z[0] - 1) * (z[1] + 2); };
    EXPECT_LT(std::abs(z_score(engine, 5, product, 0.95 * 5)), 5.5) << name_of(form);
  }
}

// ---- as a user calls them ----

MCMCOptions quick(std::int64_t warmup, std::int64_t samples, std::int64_t chains) {
  MCMCOptions options;
  options.num_warmup = warmup, options.num_samples = samples, options.num_chains = chains, options.progress = false;
  return options;
}

/// x, y normal a priori and correlated through y's mean; two measurements. The posterior is normal.
void conjugate(const Tensor& noise, const Observed& data) {
  Tensor x = sample("x", Normal(1.0, 2.0)), y = sample("y", Normal(x, 0.5));
  sample("data", Normal(stack({x, y}), noise), data);
}

// Prior precision [[1/4 + 4, -4], [-4, 4]], mean (1, 1); data 3 +- 1, 0 +- 1/2 add precisions (1, 4):
// precision [[5.25, -4], [-4, 8]], right-hand side (1/4 + 3, 0), determinant 26.
constexpr double conjugate_x = 3.25 * 8 / 26, conjugate_y = 3.25 * 4 / 26;

TEST(PointKernelsFit, ConjugateModelWithEveryKernel) {
  const Tensor noise{1.0, 0.5}, data{3.0, 0.0};
  const auto check = [&](const Kernel& kernel) {
    const Fit fit = MCMC(kernel, quick(1000, 4000, 32)).run(Key(4), noise, data);
    for (const auto& [name, expected] : {std::pair{"x", conjugate_x}, {"y", conjugate_y}})
      EXPECT_LT(std::abs(z_score(mean(fit.posterior[name].tensor(), 1).to_vector<double>(), expected)), 5.5)
          << kernel.settings().name << " " << name;
    const Tensor x = fit.posterior["x"].tensor();
    const Tensor squares = mean(square(x - conjugate_x), 1);
    EXPECT_LT(std::abs(z_score(squares.to_vector<double>(), 8.0 / 26)), 5.5) << kernel.settings().name;
  };
  check(RandomWalkMetropolis(conjugate));
  check(RandomWalkMetropolis(conjugate, {.metric = dense()}));
  check(BarkerMH(conjugate));
  check(SliceSampler(conjugate));
  check(EllipticalSlice(conjugate));
  check(SA(conjugate));
}

TEST(PointKernelsFit, OneDimensionHasItsOwnTarget) {
  const auto one = [](const Observed& y) { sample("y", Normal(sample("m", Normal(0.0, 1.0)), 1.0), y); };
  const Fit fit = MCMC(RandomWalkMetropolis(one), quick(2000, 2000, 16)).run(Key(0), 0.5);
  EXPECT_NEAR(mean(fit.sample_stats["acceptance_rate"]).item<double>(), 0.44, 0.05);
  const Fit two = MCMC(RandomWalkMetropolis(conjugate), quick(2000, 2000, 16)).run(Key(0), Tensor{1.0, 0.5},
                                                                                  Tensor{3.0, 0.0});
  EXPECT_NEAR(mean(two.sample_stats["acceptance_rate"]).item<double>(), 0.234, 0.04);
}

TEST(PointKernelErrors, Messages) {
  const auto has = [](const std::string& text, const char* part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  has(text_of_error([] { RandomWalkMetropolis(conjugate, {.target_accept_prob = 2.0}); }),
      "RandomWalkMetropolis: target_accept_prob");
  has(text_of_error([] { BarkerMH(conjugate, {.step_size = -1.0}); }), "BarkerMH: step_size");
  has(text_of_error([] { SliceSampler(conjugate, {.width = 0.0}); }), "SliceSampler: width");
  has(text_of_error([] { SliceSampler(conjugate, {.max_steps_out = 0}); }), "SliceSampler: max_steps_out");
  has(text_of_error([] { SA(conjugate, {.adapt_state_size = -1}); }), "SA: adapt_state_size");
  has(text_of_error([] {
        MCMC(SA(conjugate, {.adapt_state_size = 3}), quick(10, 10, 1)).run(Key(0), Tensor{1.0, 0.5}, Tensor{3.0, 0.0});
      }),
      "need at least 4");
  const auto positive = [](const Observed& y) { sample("y", Normal(sample("s", Exponential(1.0)), 1.0), y); };
  has(text_of_error([&] { MCMC(EllipticalSlice(positive), quick(10, 10, 1)).run(Key(0), 1.0); }),
      "the prior of the latent sites is not a normal distribution");
}

}  // namespace
}  // namespace nuthatch
