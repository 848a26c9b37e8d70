// MCMC as a user sees it: models in, fits out, and the messages on the way.
#include "nuthatch/mcmc.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <filesystem>

#include "nuthatch/array.h"
#include "nuthatch/distributions/half_cauchy.h"
#include "nuthatch/distributions/normal.h"
#include "nuthatch/log_density.h"
#include "nuthatch/math.h"
#include "nuthatch/transform.h"
#include "tests/errors/messages.h"
#include "tests/inference/langevin.h"

namespace nuthatch {
namespace {

void schools(const Tensor& sigma, const Observed& y) {
  Tensor mu = sample("mu", Normal(0.0, 5.0));
  Tensor tau = sample("tau", HalfCauchy(5.0));
  Plate plate("school", Labels{"A", "B", "C", "D", "E", "F", "G", "H"});
  Tensor effect = sample("effect", Normal(0.0, 1.0));
  Tensor theta = deterministic("theta", mu + tau * effect);
  sample("y", Normal(theta, sigma), y);
}
const Tensor& sigma() {
  static const Tensor x{15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0};
  return x;
}
const Tensor& effects() {
  static const Tensor x{28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0};
  return x;
}

MCMCOptions quick() {
  MCMCOptions options;
  options.num_warmup = 200, options.num_samples = 100, options.progress = false;
  return options;
}

bool same(const Tensor& a, const Tensor& b) { return a.to_vector<double>() == b.to_vector<double>(); }

TEST(Mcmc, FitFollowsTheSchema) {
  const Fit fit = MCMC(NUTS(schools), quick()).run(Key(0), sigma(), effects());
  EXPECT_EQ(fit.posterior["mu"].shape(), (Shape{4, 100}));
  EXPECT_EQ(fit.posterior["theta"].shape(), (Shape{4, 100, 8}));
  EXPECT_EQ(fit.posterior["theta"].dims(), (std::vector<std::string>{"chain", "draw", "school"}));
  EXPECT_EQ(fit.posterior["theta"].coords().at("school").text(2), "C");
  EXPECT_EQ(fit.posterior.names(), (std::vector<std::string>{"mu", "tau", "effect", "theta"}));
  for (const char* name : {"acceptance_rate", "step_size", "energy", "lp", "tree_depth", "n_steps", "diverging"})
    EXPECT_EQ(fit.sample_stats[name].shape(), (Shape{4, 100})) << name;
  EXPECT_EQ(fit.sample_stats["diverging"].dtype(), bool_);
  EXPECT_EQ(fit.sample_stats["tree_depth"].dtype(), i64);
  EXPECT_TRUE(same(fit.observed_data["y"].tensor(), effects()));
  const auto mu = fit["mu"].to_vector<double>(), tau = fit["tau"].to_vector<double>(),
             effect = fit["effect"].to_vector<double>(), theta = fit["theta"].to_vector<double>();
  for (std::size_t i = 0; i < mu.size(); ++i) {
    EXPECT_GT(tau[i], 0);
    for (std::size_t k = 0; k < 8; ++k)
      EXPECT_NEAR(theta[8 * i + k], mu[i] + tau[i] * effect[8 * i + k], 1e-12 * (1 + std::abs(theta[8 * i + k])));
  }
  EXPECT_FALSE(fit.state().empty());
}

TEST(Mcmc, LpIsTheLogDensity) {
  const Fit fit = MCMC(NUTS(schools), quick()).run(Key(0), sigma(), effects());
  const LogDensity density = log_density(schools, sigma(), effects());
  for (const int i : {0, 7, 99}) {
    const Tensor z = density.unconstrain({{"mu", fit.posterior["mu"](1, i)},
                                          {"tau", fit.posterior["tau"](1, i)},
                                          {"effect", fit.posterior["effect"](1, i)}});
    EXPECT_NEAR(density(z).item<double>(), fit.sample_stats["lp"](1, i).item<double>(), 1e-9);
  }
}

TEST(Mcmc, FormsAndInterpreterAgree) {
  MCMCOptions options = quick();
  options.num_warmup = 20, options.num_samples = 5, options.num_chains = 2;
  for (const auto& [metric, adaptation] : std::vector<std::pair<Metric, const char*>>{
           {diagonal(), "windows"}, {diagonal(), "fisher"}, {dense(), "fisher"}, {low_rank({.rank = 3}), "fisher"},
           {block_dense({{"mu", "tau"}}), "fisher"}}) {
    const auto run = [&](const char* form, bool interpret) {
      options.interpret = interpret;
      const Fit fit = MCMC(NUTS(schools, {.metric = metric, .adaptation = adaptation, .form = form}), options)
                          .run(Key(3), sigma(), effects());
      return fit.posterior["theta"].tensor();
    };
    const Tensor compiled = run("paired", false);
    EXPECT_TRUE(same(compiled, run("plain", false))) << adaptation;
    EXPECT_TRUE(same(compiled, run("paired", true))) << adaptation;
  }
}

TEST(Mcmc, ChainsDependOnKeyAndIndexOnly) {
  MCMCOptions options = quick();
  const auto run = [&](int chains, int threads, bool progress) {
    options.num_chains = chains, options.threads = threads, options.progress = progress;
    return MCMC(NUTS(schools), options).run(Key(42), sigma(), effects()).posterior["mu"].tensor();
  };
  const Tensor a = run(4, 1, false), b = run(9, 2, true);
  for (int c = 0; c < 4; ++c) EXPECT_TRUE(same(a[c], b[c])) << c;
}

TEST(Mcmc, ThinningAndWarmupKeepTheSameDraws) {
  MCMCOptions options = quick();
  const Fit all = MCMC(NUTS(schools), options).run(Key(1), sigma(), effects());
  options.thinning = 3, options.save_warmup = true;
  const Fit thin = MCMC(NUTS(schools), options).run(Key(1), sigma(), effects());
  EXPECT_EQ(thin.posterior["mu"].shape(), (Shape{4, 33}));
  EXPECT_EQ(thin.warmup_posterior["mu"].shape(), (Shape{4, 66}));
  EXPECT_EQ(thin.warmup_sample_stats["step_size"].shape(), (Shape{4, 66}));
  for (int i = 0; i < 33; ++i)
    EXPECT_EQ(thin.posterior["mu"](2, i).item<double>(), all.posterior["mu"](2, 3 * i + 2).item<double>());
}

TEST(Mcmc, StoppedAndResumed) {
  MCMCOptions options = quick();
  options.slice_ticks = 100;
  const Fit whole = MCMC(NUTS(schools), options).run(Key(5), sigma(), effects());
  int calls = 0;
  options.on_progress = [&](const Progress& p) {
    EXPECT_EQ(p.total, 300);
    return ++calls < 4 * 12;
  };
  const Fit part = MCMC(NUTS(schools), options).run(Key(5), sigma(), effects());
  EXPECT_LT(part.posterior["mu"].size("draw"), 100);
  EXPECT_EQ(part.warnings.at(0), "the run was stopped before it was complete");
  options.on_progress = nullptr;
  const Fit resumed = MCMC(NUTS(schools), options).resume(part.state(), sigma(), effects());
  EXPECT_TRUE(same(whole.posterior["theta"].tensor(), resumed.posterior["theta"].tensor()));
  EXPECT_TRUE(same(whole.sample_stats["energy"].tensor(), resumed.sample_stats["energy"].tensor()));
}

TEST(Mcmc, StopTokenEndsTheRun) {
  std::stop_source source;
  MCMCOptions options = quick();
  options.num_samples = 100000, options.slice_ticks = 200, options.stop = source.get_token();
  options.on_progress = [&](const Progress& p) {
    if (p.draw > 300) source.request_stop();
    return true;
  };
  const Fit fit = MCMC(NUTS(schools), options).run(Key(5), sigma(), effects());
  EXPECT_GT(fit.posterior["mu"].size("draw"), 10);
  EXPECT_LT(fit.posterior["mu"].size("draw"), 100000);
}

TEST(Mcmc, RunFromNeedsNoWarmup) {
  const Fit first = MCMC(NUTS(schools), quick()).run(Key(5), sigma(), effects());
  const Fit more = MCMC(NUTS(schools), quick()).run_from(first.state(), Key(6), sigma(), effects());
  EXPECT_EQ(more.posterior["mu"].shape(), (Shape{4, 100}));
  for (int c = 0; c < 4; ++c)
    EXPECT_EQ(more.sample_stats["step_size"](c, 0).item<double>(), first.sample_stats["step_size"](c, 99).item<double>());
}

TEST(Mcmc, MoreSamplesOfACompleteRun) {
  MCMCOptions options = quick();
  options.num_samples = 150;
  const Fit whole = MCMC(NUTS(schools), options).run(Key(8), sigma(), effects());
  const Fit first = MCMC(NUTS(schools), quick()).run(Key(8), sigma(), effects());
  const Fit rest = MCMC(NUTS(schools), options).resume(first.state(), sigma(), effects());
  EXPECT_EQ(rest.posterior["mu"].size("draw"), 50);
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(rest.posterior["mu"](3, i).item<double>(), whole.posterior["mu"](3, 100 + i).item<double>());
}

TEST(Mcmc, NewDataOfTheSameShape) {
  const auto mcmc = MCMC(NUTS(schools), quick());
  const Fit a = mcmc.run(Key(1), sigma(), effects()), b = mcmc.run(Key(1), sigma(), -effects());
  EXPECT_GT(mean(a["mu"]).item<double>(), 2.0);
  EXPECT_LT(mean(b["mu"]).item<double>(), -2.0);
}

TEST(Mcmc, FixedStepSizeAndInitialValues) {
  const Values start{{"mu", 1.0}, {"tau", 2.0}, {"effect", zeros(8)}};
  const Fit fit = MCMC(NUTS(schools, {.step_size = 0.25, .adapt_step_size = false, .adapt_mass_matrix = false,
                                      .init = init_to_value(start)}),
                       quick())
                      .run(Key(1), sigma(), effects());
  for (const double e : fit.sample_stats["step_size"].to_doubles()) EXPECT_EQ(e, 0.25);
}

TEST(Mcmc, OtherStartsWork) {
  for (const Init& init : {init_to_sample(), init_to_median(), init_to_feasible(), init_to_uniform(0.5)}) {
    const Fit fit = MCMC(NUTS(schools, {.init = init}), quick()).run(Key(1), sigma(), effects());
    EXPECT_EQ(fit.posterior["mu"].shape(), (Shape{4, 100}));
  }
}

TEST(Mcmc, MetricsByName) {
  const auto draws = [&](const Metric& metric, const char* adaptation) {
    return MCMC(NUTS(schools, {.metric = metric, .adaptation = adaptation}), quick()).run(Key(1), sigma(), effects())["mu"];
  };
  EXPECT_TRUE(same(draws(automatic(), "fisher"), draws(diagonal(), "fisher")));  // ten dimensions, sixteen numbers
  EXPECT_FALSE(same(draws(automatic(), "fisher"), draws(dense(), "fisher")));
  EXPECT_TRUE(same(draws(automatic(), "windows"), draws(diagonal(), "windows")));
  EXPECT_TRUE(same(draws(block_dense({{"effect", "mu", "tau"}}), "fisher"), draws(dense(), "fisher")));
  EXPECT_FALSE(same(draws(block_dense({{"mu", "tau"}}), "fisher"), draws(dense(), "fisher")));
  for (const Metric& metric : {low_rank(), block_dense({{"effect"}, {"tau"}})})
    EXPECT_NEAR(mean(draws(metric, "fisher")).item<double>(), 4.4, 2.0);
}

TEST(Mcmc, TheDefaultMetricIsDenseWhereTheGradientCostsMore) {
  auto regression = [](const Tensor& X, const Observed& y) {
    Tensor b = plate("column", X.size(1), [&] { return sample("b", Normal(0.0, 1.0)); });
    Plate rows("row", X.size(0));
    sample("y", Normal(matmul(X, b), 1.0), y);
  };
  const auto draws = [&](std::int64_t rows, const Metric& metric) {
    Tensor X = normal(Key(5), {rows, 10}), y = normal(Key(6), {rows});
    return MCMC(NUTS(regression, {.metric = metric}), quick()).run(Key(1), X, y)["b"];
  };
  // 10 x 10 elements of the metric against twice 11 numbers per row.
  EXPECT_TRUE(same(draws(5, automatic()), draws(5, dense())));
  EXPECT_TRUE(same(draws(4, automatic()), draws(4, diagonal())));
  EXPECT_FALSE(same(draws(4, automatic()), draws(4, dense())));
}

TEST(Mcmc, HmcAndFisher) {
  const Fit hmc = MCMC(HMC(schools, {.trajectory_length = 1.5}), quick()).run(Key(1), sigma(), effects());
  EXPECT_EQ(hmc.sample_stats["accepted"].dtype(), bool_);
  const Fit fisher = MCMC(NUTS(schools, {.adaptation = "fisher"}), quick()).run(Key(1), sigma(), effects());
  EXPECT_NEAR(mean(fisher["mu"]).item<double>(), 4.4, 2.0);
}

void banana(const Observed& y) {
  Tensor a = sample("a", Normal(0.0, 1.0)), b = sample("b", Normal(a * a, 0.5));
  sample("y", Normal(a + b, 1.0), y);
}

TEST(Mcmc, KernelOfOnesOwn) {
  MCMCOptions options = quick();
  options.num_warmup = 2000, options.num_samples = 5000, options.num_chains = 64;
  const Fit own = MCMC(adapt(Langevin{}, banana, {.target_accept_prob = 0.574}), options).run(Key(0), 1.0);
  EXPECT_NEAR(mean(own.sample_stats["accept_prob"]).item<double>(), 0.574, 0.05);
  // Exact expectations by quadrature over a; |z| < 5.5 with the error from the spread of the chains.
  for (const auto& [name, expected] : {std::pair{"a", -0.137261178}, {"b", 0.787336214}}) {
    const Tensor means = mean(own.posterior[name], 1);
    const double error = stddev(means).item<double>() / 8.0;
    EXPECT_LT(std::abs(mean(means).item<double>() - expected), 5.5 * error) << name;
  }
}

TEST(Mcmc, CheckpointCanBeResumed) {
  const auto path = std::filesystem::path(::testing::TempDir()) / "nuthatch_checkpoint.state";
  MCMCOptions options = quick();
  const Fit whole = MCMC(NUTS(schools), options).run(Key(5), sigma(), effects());
  int calls = 0;
  options.checkpoint = path, options.checkpoint_every = std::chrono::seconds(0), options.slice_ticks = 100;
  options.on_progress = [&](const Progress&) { return ++calls < 4 * 9; };
  MCMC(NUTS(schools), options).run(Key(5), sigma(), effects());
  options.on_progress = nullptr, options.checkpoint = {};
  const Fit resumed = MCMC(NUTS(schools), options).resume(load_state(path), sigma(), effects());
  EXPECT_TRUE(same(whole.posterior["theta"].tensor(), resumed.posterior["theta"].tensor()));
  std::filesystem::remove(path);
}

// ---- messages ----

TEST(McmcErrors, Options) {
  const auto with = [](auto change) {
    return text_of_error([&] {
      MCMCOptions options;
      change(options);
      MCMC(NUTS(schools), options);
    });
  };
  EXPECT_NE(with([](auto& o) { o.num_chains = 0; }).find("MCMC: num_chains must be at least 1"), std::string::npos);
  EXPECT_NE(with([](auto& o) { o.num_samples = 0; }).find("num_samples must be at least 1"), std::string::npos);
  EXPECT_NE(with([](auto& o) { o.num_warmup = -1; }).find("num_warmup must not be negative"), std::string::npos);
  EXPECT_NE(with([](auto& o) { o.thinning = 2000; }).find("thinning leaves no draw"), std::string::npos);
  EXPECT_NE(text_of_error([] { NUTS(schools, {.target_accept_prob = 1.5}); }).find("between 0 and 1"), std::string::npos);
  EXPECT_NE(text_of_error([] { NUTS(schools, {.max_tree_depth = 0}); }).find("max_tree_depth"), std::string::npos);
  EXPECT_NE(text_of_error([] { NUTS(schools, {.metric = low_rank(), .adaptation = "windows"}); }).find("needs gradients"),
            std::string::npos);
  EXPECT_NE(text_of_error([] { low_rank({.rank = 0}); }).find(".rank must be positive, not 0"), std::string::npos);
  EXPECT_NE(text_of_error([] { low_rank({.cutoff = 0.5}); }).find(".cutoff must be at least 1"), std::string::npos);
  EXPECT_NE(text_of_error([] { block_dense({{"mu"}, {"tau", "mu"}}); }).find("\"mu\" is in two groups"), std::string::npos);
  EXPECT_NE(text_of_error([] { block_dense({}); }).find("no group"), std::string::npos);
  EXPECT_NE(text_of_error([] {
              MCMC(NUTS(schools, {.metric = block_dense({{"mu", "nu"}})}), quick()).run(Key(0), sigma(), effects());
            }).find("block_dense names \"nu\", which is not a latent site"),
            std::string::npos);
}

TEST(McmcErrors, MissingArgument) {
  EXPECT_NE(text_of_error([] { MCMC(NUTS(schools), quick()).run(Key(0)); }).find("parameter 1 (Tensor) is missing"),
            std::string::npos);
}

TEST(McmcErrors, NoLatentVariables) {
  const auto nothing = [](const Observed& y) { sample("y", Normal(0.0, 1.0), y); };
  EXPECT_NE(text_of_error([&] { MCMC(NUTS(nothing), quick()).run(Key(0), Tensor(1.0)); }).find("no latent variable"),
            std::string::npos);
}

TEST(McmcErrors, NoFiniteStartNamesTheSite) {
  const auto impossible = [](const Observed& y) {
    Tensor m = sample("m", Normal(0.0, 1.0));
    factor("penalty", log(-exp(m)));
    sample("y", Normal(m, 1.0), y);
  };
  const std::string text = text_of_error([&] { MCMC(NUTS(impossible), quick()).run(Key(0), Tensor(1.0)); });
  EXPECT_NE(text.find("no finite starting point in 100 attempts"), std::string::npos) << text;
  EXPECT_NE(text.find("site \"penalty\" (mcmc_test.cpp:"), std::string::npos) << text;
}

// The missing effect is a latent variable; what is known of it comes from the other schools.
TEST(Mcmc, NanInDataIsMissing) {
  const Fit fit = MCMC(NUTS(schools), quick()).run(Key(0), sigma(), effects().at(3).set(std::nan("")));
  const Tensor missing = fit.posterior["y_missing"];
  EXPECT_EQ(missing.shape(), (Shape{fit.posterior["mu"].size("chain"), fit.posterior["mu"].size("draw"), 1}));
  EXPECT_TRUE(all_of(isfinite(missing)).item<bool>());
}

TEST(McmcErrors, StateOfAnotherRun) {
  const Fit fit = MCMC(NUTS(schools), quick()).run(Key(0), sigma(), effects());
  MCMCOptions options = quick();
  options.num_chains = 2;
  EXPECT_NE(text_of_error([&] { MCMC(NUTS(schools), options).resume(fit.state(), sigma(), effects()); }).find("4 chains"),
            std::string::npos);
  EXPECT_NE(text_of_error([&] { MCMC(HMC(schools), quick()).resume(fit.state(), sigma(), effects()); }).find("NUTS"),
            std::string::npos);
  EXPECT_NE(text_of_error([&] { MCMC(NUTS(schools), quick()).resume(SamplerState{}, sigma(), effects()); }).find("empty"),
            std::string::npos);
}

}  // namespace
}  // namespace nuthatch
