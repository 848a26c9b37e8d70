// Kernels whose chains work together: AIES, ensemble slice sampling, ChEES-HMC; and differential evolution with an archive.
// To the engine an ensemble is one chain, so several ensembles give independent estimates.
#include <gtest/gtest.h>

#include "inference/kernels/chees.h"
#include "inference/kernels/difference_archive.h"
#include "inference/kernels/ensemble_slice.h"
#include "inference/kernels/stretch_and_difference.h"
#include "nuthatch/distributions/normal.h"
#include "nuthatch/kernels/aies.h"
#include "nuthatch/kernels/chees_hmc.h"
#include "nuthatch/kernels/de_metropolis_z.h"
#include "nuthatch/kernels/ess.h"
#include "nuthatch/mcmc.h"
#include "tests/inference/kernel_checks.h"
#include "tests/errors/messages.h"

namespace nuthatch {
namespace {

using namespace testing_models;

constexpr mcmc::AdaptationRules no_rules{mcmc::MetricKind::diagonal, false, false};

struct Ensemble {
  std::string name;
  Shared<const detail::KernelRule> (*make)(std::int64_t walkers, std::int64_t dim);
};
mcmc::Sampler sampler_of(const Ensemble& e, std::int64_t walkers, std::int64_t dim) {
  return {e.make(walkers, dim), no_rules};
}

Shared<const detail::KernelRule> differences(std::int64_t walkers, std::int64_t dim) {
  return kernels::ensemble_rule("AIES", kernels::StretchAndDifference({}), walkers, dim);
}
Shared<const detail::KernelRule> stretches(std::int64_t walkers, std::int64_t dim) {
  return kernels::ensemble_rule("AIES", kernels::StretchAndDifference({.difference_probability = 0}), walkers, dim);
}
Shared<const detail::KernelRule> mixture(std::int64_t walkers, std::int64_t dim) {
  const kernels::StretchAndDifference::Settings half{.difference_probability = 0.5, .sigma = 0.1, .randomize_split = true};
  return kernels::ensemble_rule("AIES", kernels::StretchAndDifference(half), walkers, dim);
}
Shared<const detail::KernelRule> slices(std::int64_t walkers, std::int64_t dim) {
  return kernels::ensemble_rule("ESS", kernels::EnsembleSlice({}), walkers, dim);
}
Shared<const detail::KernelRule> chees(std::int64_t walkers, std::int64_t dim) {
  return kernels::ensemble_rule("ChEESHMC", kernels::Chees({.step_size = 0.3}), walkers, dim);
}

class EnsembleKernels : public ::testing::TestWithParam<Ensemble> {};

TEST_P(EnsembleKernels, LeaveTheTargetInvariant) {
  for (const std::uint64_t seed : {1, 2}) expect_invariant(sampler_of(GetParam(), 8, 3), 1.0, seed, 8, 1024);
}

mcmc::Engine run_ensembles(const Ensemble& e, LogDensityFunction model, std::int64_t walkers, std::int64_t dim,
                           const Key& key, mcmc::EngineOptions options) {
  model.dim = walkers * dim;
  mcmc::Engine engine(sampler_of(e, walkers, dim), model, options);
  engine.start(key, starts(key, options.num_chains, model.dim), 100);
  engine.run([](const auto&) { return true; });
  return engine;
}

TEST_P(EnsembleKernels, EightSchoolsFromFarAway) {
  constexpr std::int64_t walkers = 24, dim = 10;
  mcmc::EngineOptions options;
  options.num_warmup = 1000, options.num_samples = 600, options.num_chains = 40, options.threads = 2;
  for (const std::uint64_t seed : {1, 2}) {
    const auto engine = run_ensembles(GetParam(), eight_schools(), walkers, dim, Key(seed), options);
    const auto average = [&](const OfPosition& f) {
      return [=](const double* row) {
        double total = 0;
        for (std::int64_t w = 0; w < walkers; ++w) total += f(row + dim * w) / double(walkers);
        return total;
      };
    };
    const auto z = [&](const OfPosition& f, double expected) {
      return std::abs(z_score(engine, walkers * dim, average(f), expected));
    };
    EXPECT_LT(z([](const double* x) { return x[0]; }, 4.396821), 5.5);
    EXPECT_LT(z([](const double* x) { return std::exp(x[1]); }, 3.597705), 5.5);
    EXPECT_LT(z([](const double* x) { return x[0] * x[0]; }, 3.317704 * 3.317704 + 4.396821 * 4.396821), 5.5);
  }
}

TEST_P(EnsembleKernels, LanesThreadsSlicesAndInterpreterGiveTheSameBits) {
  mcmc::EngineOptions options;
  options.num_warmup = 15, options.num_samples = 5, options.num_chains = 9, options.save_warmup = true;
  const auto run_with = [&](auto change) {
    mcmc::EngineOptions changed = options;
    change(changed);
    return run_ensembles(GetParam(), eight_schools(), 20, 10, Key(3), changed);
  };
  const auto many = run_with([](auto&) {});
  const auto expect_same = [&](const mcmc::Engine& other, const char* what) {
    const std::int64_t n = other.draws().positions.num_elements();
    std::int64_t different = 0;
    for (std::int64_t i = 0; i < n; ++i)
      different += other.draws().positions.template as<double>()[i] != many.draws().positions.template as<double>()[i];
    EXPECT_EQ(different, 0) << what;
  };
  expect_same(run_with([](auto& o) { o.num_chains = 1; }), "one ensemble");
  expect_same(run_with([](auto& o) { o.threads = 2, o.slice_ticks = 3; }), "threads and slices");
  expect_same(run_with([](auto& o) { o.num_chains = 1, o.interpret = true; }), "interpreter");
}

INSTANTIATE_TEST_SUITE_P(Kernels, EnsembleKernels,
                         ::testing::Values(Ensemble{"Differences", differences}, Ensemble{"Stretches", stretches},
                                           Ensemble{"Mixture", mixture}, Ensemble{"Slices", slices},
                                           Ensemble{"Chees", chees}),
                         [](const auto& info) { return info.param.name; });

// ---- as a user calls them ----

MCMCOptions quick(std::int64_t warmup, std::int64_t samples, std::int64_t chains) {
  MCMCOptions options;
  options.num_warmup = warmup, options.num_samples = samples, options.num_chains = chains, options.progress = false;
  return options;
}
/// Mean (4, 2), standard deviations (1, 3), correlation 0.9, written as regressions.
void correlated(const Observed& y) {
  Tensor a = sample("a", Normal(4.0, 1.0));
  sample("b", Normal(2.0 + 2.7 * (a - 4.0), 3.0 * std::sqrt(0.19)));
  sample("y", Normal(0.0, 1.0), y);
}
bool same(const Tensor& a, const Tensor& b) { return a.to_vector<double>() == b.to_vector<double>(); }

TEST(EnsembleFit, FitsHaveTheChainsOfTheEnsemble) {
  for (const Kernel& kernel : {AIES(correlated), ESS(correlated), ChEESHMC(correlated)}) {
    const Fit fit = MCMC(kernel, quick(500, 4000, 8)).run(Key(1), 0.0);
    EXPECT_EQ(fit.posterior["a"].shape(), (Shape{8, 4000})) << kernel.settings().name;
    EXPECT_EQ(fit.sample_stats["lp"].shape(), (Shape{8, 4000}));
    EXPECT_NEAR(mean(fit["a"]).item<double>(), 4.0, 0.15) << kernel.settings().name;
    EXPECT_NEAR(stddev(fit["b"]).item<double>(), 3.0, 0.3) << kernel.settings().name;
    const LogDensity density = log_density(Model(correlated), 0.0);
    for (const int c : {0, 7})
      EXPECT_NEAR(fit.sample_stats["lp"](c, 77).item<double>(),
                  density(density.unconstrain({{"a", fit.posterior["a"](c, 77)}, {"b", fit.posterior["b"](c, 77)}}))
                      .item<double>(),
                  1e-9)
          << kernel.settings().name;
  }
}

TEST(EnsembleFit, StoppedAndResumed) {
  for (const Kernel& kernel : {AIES(correlated), ESS(correlated), ChEESHMC(correlated)}) {
    MCMCOptions options = quick(100, 100, 8);
    options.slice_ticks = 37;
    const Fit whole = MCMC(kernel, options).run(Key(5), 0.0);
    int calls = 0;
    options.on_progress = [&](const Progress&) { return ++calls < 4; };
    const Fit part = MCMC(kernel, options).run(Key(5), 0.0);
    options.on_progress = nullptr;
    const Fit resumed = MCMC(kernel, options).resume(part.state(), 0.0);
    EXPECT_TRUE(same(whole.posterior["b"].tensor(), resumed.posterior["b"].tensor())) << kernel.settings().name;
  }
}

TEST(EnsembleFit, ChEESLearnsAcceptanceAndScales) {
  const Fit fit = MCMC(ChEESHMC(correlated), quick(800, 500, 32)).run(Key(2), 0.0);
  const auto accept = fit.sample_stats["acceptance_rate"].tensor();
  EXPECT_NEAR(1.0 / mean(1.0 / maximum(accept, 1e-10)).item<double>(), 0.651, 0.25);
  EXPECT_GT(mean(fit.sample_stats["trajectory_length"]).item<double>(), 0.3);
}

TEST(DifferenceArchive, InvariantAfterWarmup) {
  // With no warm-up the archive is the random start of the kernel, fixed: a symmetric proposal.
  const mcmc::Sampler fixed{kernels::point_rule("DEMetropolisZ", kernels::DifferenceArchive(0, 1e-3)), no_rules};
  for (const std::uint64_t seed : {1, 2}) expect_invariant(fixed, 0.9, seed);
}

TEST(DifferenceArchive, EightSchools) {
  mcmc::EngineOptions options;
  options.num_warmup = 4000, options.num_samples = 12000, options.num_chains = 64, options.threads = 2;
  options.target_accept_prob = 0.234, options.thinning = 10, options.step_size = 0.5;
  const mcmc::Sampler adapted{kernels::point_rule("DEMetropolisZ", kernels::DifferenceArchive(0, 1e-3)),
                              {mcmc::MetricKind::diagonal, true, false}};
  for (const std::uint64_t seed : {1, 2}) {
    const auto engine = run(adapted, eight_schools(), Key(seed), options);
    EXPECT_LT(std::abs(z_score(engine, 10, [](const double* z) { return z[0]; }, 4.396821)), 5.5);
    EXPECT_LT(std::abs(z_score(engine, 10, [](const double* z) { return std::exp(z[1]); }, 3.597705)), 5.5);
  }
}

TEST(DifferenceArchive, ChainsDoNotDependOnEachOtherAndResume) {
  MCMCOptions options = quick(100, 100, 9);
  const Fit nine = MCMC(DEMetropolisZ(correlated), options).run(Key(3), 0.0);
  options.num_chains = 1;
  const Fit one = MCMC(DEMetropolisZ(correlated), options).run(Key(3), 0.0);
  EXPECT_TRUE(same(nine.posterior["b"].tensor()[0], one.posterior["b"].tensor()[0]));
  options.num_chains = 9, options.slice_ticks = 23;
  int calls = 0;
  options.on_progress = [&](const Progress&) { return ++calls < 9 * 4; };
  const Fit part = MCMC(DEMetropolisZ(correlated), options).run(Key(3), 0.0);
  options.on_progress = nullptr;
  EXPECT_TRUE(same(nine.posterior["b"].tensor(),
                   MCMC(DEMetropolisZ(correlated), options).resume(part.state(), 0.0).posterior["b"].tensor()));
}

TEST(EnsembleErrors, Messages) {
  const auto has = [](const std::string& text, const char* part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  has(text_of_error([] { MCMC(AIES(correlated), quick(10, 10, 5)).run(Key(0), 0.0); }), "num_chains must be even");
  has(text_of_error([] { MCMC(ESS(correlated), quick(10, 10, 2)).run(Key(0), 0.0); }), "4 or more, not 2");
  has(text_of_error([] { MCMC(ChEESHMC(correlated), quick(10, 10, 2)).run(Key(0), 0.0); }), "at least 4, not 2");
  has(text_of_error([] { AIES(correlated, {.init = init_to_feasible()}); }), "starts all chains at one point");
  has(text_of_error([] { AIES(correlated, {.differential_evolution = 0}); }), "one must be positive");
  has(text_of_error([] { AIES(correlated, {.stretch_scale = 1.0}); }), "stretch_scale");
  has(text_of_error([] { ESS(correlated, {.max_steps = 0}); }), "max_steps");
  has(text_of_error([] { ChEESHMC(correlated, {.learning_rate = 0}); }), "learning_rate");
  has(text_of_error([] { DEMetropolisZ(correlated, {.scaling = 0}); }), "scaling");
  has(text_of_error([] { MCMC(DEMetropolisZ(correlated, {.archive_size = 3}), quick(10, 10, 1)).run(Key(0), 0.0); }),
      "need at least 6");
  const Fit eight = MCMC(AIES(correlated), quick(10, 10, 8)).run(Key(0), 0.0);
  has(text_of_error([&] { MCMC(AIES(correlated), quick(10, 20, 16)).resume(eight.state(), 0.0); }), "another kernel or model");
}

}  // namespace
}  // namespace nuthatch
