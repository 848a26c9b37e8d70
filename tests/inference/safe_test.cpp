// Safe by default: a density that is not a number in the middle of a trajectory is a divergence and stays out of what
// warm-up learns; what went wrong is said. And the statistic that counts errors of energy of either sign.
#include <gtest/gtest.h>

#include <cmath>

#include "nuthatch/distributions/normal.h"
#include "nuthatch/mcmc.h"
#include "tests/errors/messages.h"
#include "tests/inference/test_models.h"

namespace nuthatch {
namespace {

using namespace testing_models;

/// Standard normal, not a number where the first coordinate is above 2; infinite where the second is below -2.
LogDensityFunction with_forbidden_regions() {
  return {3, {}, [](const Tensor& z, const std::vector<Tensor>&) {
            Tensor density = -0.5 * sum(square(z)) + log(select(z[0] < 2.0, 1.0, -1.0));
            return select(z[1] < -2.0, INFINITY, density);
          },
          {}};
}

class Safe : public ::testing::TestWithParam<Form> {};

TEST_P(Safe, WhatIsNoNumberIsNeverDrawnAndNeverLearned) {
  for (const bool pooled : {false, true}) {
    mcmc::AdaptationRules rules;
    rules.pooled = pooled;
    const mcmc::Sampler chosen = sampler(GetParam(), rules, 10, 3);
    if (pooled && !chosen.rules.step_size && !chosen.rules.mass_matrix) continue;
    mcmc::EngineOptions options;
    options.num_warmup = 300, options.num_samples = 200, options.num_chains = 9, options.save_warmup = true;
    const auto engine = run(chosen, with_forbidden_regions(), Key(4), options);
    const auto& x = engine.draws().positions;
    for (std::int64_t i = 0; i < x.num_elements() / 3; ++i) {
      const double* z = x.as<double>() + 3 * i;
      ASSERT_TRUE(std::isfinite(z[0]) && std::isfinite(z[1]) && std::isfinite(z[2])) << i;
      ASSERT_LT(z[0], 2.0) << i;
      ASSERT_GE(z[1], -2.0) << i;
    }
    for (const Tensor& learned : tree::flatten(engine.typed_states().adaptation))
      EXPECT_TRUE(all_of(isfinite(learned.cast(f64))).item<bool>()) << pooled;
    for (const auto& chain : engine.reports()) EXPECT_GT(chain.step_size, 1e-3) << pooled;
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, Safe,
                         ::testing::Values(Form::paired, Form::plain, Form::fisher, Form::low_rank, Form::dense, Form::hmc,
                                           Form::random_walk, Form::barker, Form::slice, Form::elliptical,
                                           Form::sample_adaptive, Form::mams, Form::mclmc),
                         [](const auto& info) { return name_of(info.param); });

void half_line(const Observed& y) {
  Tensor x = sample("x", Normal(0.0, 1.0));
  factor("root", 0.5 * log(1.0 - x));  // not a number above one
  sample("y", Normal(x, 1.0), y);
}
void narrow(const Observed& y) {
  Tensor x = sample("x", Normal(zeros(4), Tensor{1.0, 0.01, 0.01, 0.01}).to_event());
  sample("y", Normal(sum(x), 1.0), y);
}
MCMCOptions quick() {
  MCMCOptions options;
  options.num_warmup = 200, options.num_samples = 500, options.progress = false;
  return options;
}

TEST(Safe, DivergencesAndCutTrajectoriesAreReported) {
  const Fit fit = MCMC(NUTS(half_line), quick()).run(Key(1), 2.0);
  EXPECT_LT(max(fit["x"]).item<double>(), 1.0);
  const Diagnosis d = fit.diagnose();
  EXPECT_GT(d.divergences, 0);
  EXPECT_EQ(d.divergences, sum(fit.sample_stats["diverging"].tensor().cast(i64)).item<std::int64_t>());
  const Fit cut = MCMC(NUTS(narrow, {.max_tree_depth = 2, .metric = diagonal(), .adapt_mass_matrix = false}), quick()).run(Key(1), 0.0);
  const Tensor depth = cut.sample_stats["tree_depth"].tensor(), reached = cut.sample_stats["reached_max_treedepth"].tensor();
  EXPECT_EQ(cut.sample_stats["reached_max_treedepth"].dtype(), bool_);
  EXPECT_EQ(cut.diagnose().max_tree_depth_reached, sum(reached.cast(i64)).item<std::int64_t>());
  EXPECT_GT(mean(reached.cast(f64)).item<double>(), 0.3);
  EXPECT_FALSE(any_of(reached & (depth < 2)).item<bool>());
  bool said = false;
  for (const std::string& w : cut.warnings) said |= w.find("trajectories were cut") != std::string::npos;
  EXPECT_TRUE(said);
  EXPECT_EQ(MCMC(NUTS(narrow), quick()).run(Key(1), 0.0).diagnose().max_tree_depth_reached, 0);
}

// ---- symmetric acceptance ----

TEST(SymmetricAcceptance, IsWhatItsDefinitionSays) {
  // One leaf per draw: a = min(1, w), and the other is 2 a / (1 + w).
  for (const char* form : {"paired", "plain"}) {
    NUTSOptions o{.max_tree_depth = 1, .symmetric_acceptance = true, .step_size = 1.2, .adapt_step_size = false,
                  .adapt_mass_matrix = false, .form = form};
    const Fit fit = MCMC(NUTS(narrow, o), quick()).run(Key(1), 0.0);
    const auto a = fit.sample_stats["acceptance_rate"].tensor().to_vector<double>(),
               s = fit.sample_stats["symmetric_acceptance_rate"].tensor().to_vector<double>();
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (a[i] < 1) EXPECT_NEAR(s[i], 2 * a[i] / (1 + a[i]), 1e-15) << form;
      EXPECT_GE(s[i], 0.0);
      EXPECT_LE(s[i], 1.0);
    }
    o.symmetric_acceptance = false;  // it changes no draw
    EXPECT_EQ(MCMC(NUTS(narrow, o), quick()).run(Key(1), 0.0)["x"].to_vector<double>(), fit["x"].to_vector<double>());
  }
}

TEST(SymmetricAcceptance, WarmupReachesItsTarget) {
  const auto many = [] { sample("x", Normal(zeros(20), 1.0).to_event()); };
  for (const double target : {0.7, 0.8, 0.9}) {
    MCMCOptions options = quick();
    options.num_warmup = 1000, options.num_chains = 16;
    const Fit fit = MCMC(NUTS(many, {.target_accept_prob = target, .symmetric_acceptance = true}), options).run(Key(3));
    EXPECT_NEAR(mean(fit.sample_stats["symmetric_acceptance_rate"].tensor()).item<double>(), target, 0.06);
  }
  EXPECT_NE(text_of_error([&] { NUTS(many, {.adaptation = "windows", .symmetric_acceptance = true}); }).find("symmetric_acceptance"),
            std::string::npos);
}

}  // namespace
}  // namespace nuthatch
