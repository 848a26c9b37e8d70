// The optimisation and its bounds, on problems with closed forms.
#include "models.h"

using namespace svi_tests;

namespace {

void normal_guide(const Observed&) {
  sample("mu", Normal(param("loc", 0.0), param("scale", 1.0, constraints::positive)));
}

}  // namespace

TEST(Svi, TheBoundIsTheEvidenceWhereTheGuideIsThePosterior) {
  const NormalMean truth;
  const Values exact{{"loc", truth.mean()}, {"scale", truth.sd()}};
  for (const ELBO& loss : {TraceELBO(), TraceELBO({.num_particles = 3}), TraceMeanFieldELBO(),
                           RenyiELBO({.num_particles = 4, .alpha = 0.0}), RenyiELBO({.num_particles = 4, .alpha = 0.5}),
                           RenyiELBO({.num_particles = 4, .alpha = 1.0}), RenyiELBO({.num_particles = 4, .alpha = 2.0})}) {
    const SVI svi(NormalMean::model, normal_guide, SGD(0.0), {.loss = loss, .init_params = exact});
    for (int key = 0; key < 3; ++key) {
      const SVIState state = svi.init(Key(key), truth.y);
      // Only the mean field bound replaces a cancellation of random terms by their means.
      const double tolerance = loss.kind == ELBO::Kind::mean_field ? 20.0 : 1e-12;
      EXPECT_NEAR(svi.evaluate(state, truth.y).item(), -truth.log_evidence(), tolerance);
    }
  }
}

TEST(Svi, ParticlesInALoopAndInABatchAreTheSame) {
  const NormalMean truth;
  for (ELBO loss : {TraceELBO({.num_particles = 7}), TraceMeanFieldELBO({.num_particles = 7}),
                    RenyiELBO({.num_particles = 7, .alpha = 0.3}), RenyiELBO({.num_particles = 7, .alpha = 2.5}),
                    RenyiELBO({.num_particles = 7, .alpha = 1.0})}) {
    std::vector<SVIState> states;
    std::vector<double> losses;
    for (const bool batch : {false, true}) {
      loss.vectorize_particles = batch;
      const SVI svi(NormalMean::model, normal_guide, SGD(1.0), {.loss = loss});
      const auto [next, value] = svi.step(svi.init(Key(3), truth.y), truth.y);
      states.push_back(next);
      losses.push_back(value.item());
    }
    EXPECT_NEAR(losses[0], losses[1], 1e-12 * std::abs(losses[1]));
    for (const auto& [name, x] : states[0].optimiser.params) {
      const double other = states[1].optimiser.params.at(name).item();
      EXPECT_NEAR(x.item(), other, 1e-12 * (1 + std::abs(other))) << name;
    }
  }
}

TEST(Svi, FindsTheExactPosterior) {
  const NormalMean truth;
  const auto result = SVI(NormalMean::model, normal_guide, settling(0.05, 3000, 1e-4), {.num_steps = 3000, .loss = TraceELBO({.num_particles = 32})}).run(Key(1), truth.y);
  EXPECT_NEAR(result.params.at("loc").item(), truth.mean(), 2e-3);
  EXPECT_NEAR(result.params.at("scale").item(), truth.sd(), 2e-3);
  EXPECT_EQ(result.losses.shape(), Shape{3000});
  EXPECT_NEAR(mean(result.losses[from(-100)]).item(), -truth.log_evidence(), 1e-3);
  EXPECT_LT(result.psis_k(Key(2)), 0.7);
}

TEST(Svi, MeanFieldBoundIsTheDivergenceWhereNothingIsObserved) {
  const auto model = [] { sample("x", Normal(0.5, 2.0)); sample("y", Gamma(3.0, 2.0)); };
  const auto guide = [] {
    sample("x", Normal(param("m", -0.3), param("s", 0.7, constraints::positive)));
    sample("y", Gamma(param("a", 2.0, constraints::positive), param("b", 1.5, constraints::positive)));
  };
  const SVI svi(model, guide, SGD(0.1), {.loss = TraceMeanFieldELBO()});
  const double normal = std::log(2.0 / 0.7) + (0.7 * 0.7 + 0.8 * 0.8) / 8 - 0.5;
  // KL(Gamma(a, b), Gamma(3, 2)) = (a - 3) psi(a) - log Gamma(a) + log Gamma(3) + 3 (log b - log 2) + a (2 - b) / b
  const double psi2 = 0.42278433509846713939;
  const double gamma = (2.0 - 3.0) * psi2 - 0.0 + std::log(2.0) + 3 * std::log(1.5 / 2.0) + 2.0 * 0.5 / 1.5;
  EXPECT_NEAR(svi.evaluate(svi.init(Key(0))).item(), normal + gamma, 1e-12);
}

TEST(Svi, OwnLoopGivesTheBitsOfRun) {
  const NormalMean truth;
  const SVIOptions options{.num_steps = 20, .loss = TraceELBO({.num_particles = 2})};
  const SVI svi(NormalMean::model, AutoNormal(NormalMean::model), ClippedAdam({.step_size = 0.01, .clip_norm = 10.0}), options);
  const SVIResult run = svi.run(Key(4), truth.y);
  auto state = svi.init(Key(4), truth.y);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(svi.evaluate(state, truth.y).item(), run.losses[i].item());
    auto [next, loss] = svi.step(state, truth.y);
    state = next;
    EXPECT_EQ(loss.item(), run.losses[i].item());
  }
  const SVIResult own = svi.result(state);
  for (const auto& [name, value] : run.params) EXPECT_EQ(value.item(), own.params.at(name).item()) << name;
  // Once more is the same; twenty more steps are those of forty.
  const SVIResult again = svi.run(Key(4), truth.y), further = svi.resume(run.state, truth.y);
  EXPECT_EQ(again.losses.to_vector(), run.losses.to_vector());
  SVIOptions twice = options;
  twice.num_steps = 40;
  const SVIResult long_run = SVI(NormalMean::model, AutoNormal(NormalMean::model), ClippedAdam({.step_size = 0.01}), twice).run(Key(4), truth.y);
  EXPECT_EQ(long_run.losses[from(20)].to_vector(), further.losses.to_vector());
}

TEST(Svi, StepsOnNewDataOfTheSameShapeNeedNoNewProgram) {
  const NormalMean truth;
  const SVI svi(NormalMean::model, AutoNormal(NormalMean::model), Adam(0.01));
  auto state = svi.init(Key(0), truth.y);
  state = svi.step(state, truth.y).first;
  const long compiles = jit_stats().compiles;
  std::vector<double> other = truth.y;
  other[0] = 7.0;
  const double loss = svi.step(state, other).second.item();
  EXPECT_EQ(jit_stats().compiles, compiles);
  EXPECT_NE(loss, svi.step(state, truth.y).second.item());
}

TEST(Svi, ScoreTermMakesGradientsOfDiscreteDrawsUnbiased) {
  // q(z = 1) = p; loss = E_q[log q - log p(z) - f(z)].
  const auto model = [] {
    Tensor z = sample("z", Bernoulli(0.3));
    factor("f", select(z == 1, 1.5, -0.5));
  };
  const auto guide = [] { sample("z", Bernoulli({.logits = param("logit", 0.4)})); };
  const SVI svi(model, guide, SGD(1.0), {.loss = TraceELBO({.num_particles = 40000})});
  const auto state = svi.init(Key(0));
  const auto [next, loss] = svi.step(state);
  const double p = 1 / (1 + std::exp(-0.4)), f1 = 1.5 + std::log(0.3), f0 = -0.5 + std::log(0.7);
  const double exact = p * (std::log(p) - f1) + (1 - p) * (std::log(1 - p) - f0);
  const double slope = p * (1 - p) * ((std::log(p) - f1) - (std::log(1 - p) - f0));
  EXPECT_NEAR(loss.item(), exact, 0.04);
  EXPECT_NEAR(0.4 - next.optimiser.params.at("logit").item(), slope, 0.02);
}

TEST(Svi, SubsampledPlatesAreScaled) {
  const auto model = [](const Observed& y) {
    Tensor mu = sample("mu", Normal(0.0, 1.0));
    Plate rows("rows", 100, {.subsample_size = 10});
    sample("y", Bernoulli(0.6), rows.take(y));
  };
  const auto guide = [](const Observed&) { sample("mu", Normal(param("loc", 0.0), 1.0)); };
  const SVI svi(model, guide, SGD(0.0));
  const Tensor y = ones({100}, i64);
  EXPECT_NEAR(svi.evaluate(svi.init(Key(0), y), y).item(), -100 * std::log(0.6), 1e-10);
}

TEST(Svi, MinibatchesFindThePosteriorOfAllData) {
  const auto model = [](const Tensor& y) {
    Tensor mu = sample("mu", Normal(0.0, 10.0));
    Plate rows("rows", y.size(0), {.subsample_size = 50});
    sample("y", Normal(mu, 1.0), rows.take(Observed(y)));
  };
  const Tensor y = 3.0 + normal(Key(9), {1000});
  const auto result = SVI(model, AutoNormal(model), settling(0.05, 30000), {.num_steps = 30000}).run(Key(0), y);
  const double precision = 0.01 + 1000.0, posterior = 1000.0 * mean(y).item() / precision;
  EXPECT_NEAR(result.params.at("mu_auto_loc").item(), posterior, 0.02);
  EXPECT_NEAR(result.params.at("mu_auto_scale").item(), 1 / std::sqrt(precision), 0.005);
}

TEST(Svi, StableSkipsStepsThatAreNotFinite) {
  const auto model = [](const Observed& y) {
    Tensor mu = sample("mu", Normal(0.0, 1.0));
    factor("sometimes", select(uniform(prng_key("dice")) < 0.3, NAN, 0.0) * mu);
    sample("y", Normal(mu, 1.0), y);
  };
  const auto run = [&](bool stable) {
    return SVI(model, AutoNormal(model), settling(0.05, 30000), {.num_steps = 30000, .stable = stable}).run(Key(0), Tensor(2.0));
  };
  const SVIResult result = run(true);
  EXPECT_NEAR(result.params.at("mu_auto_loc").item(), 1.0, 0.02);
  EXPECT_NEAR(result.params.at("mu_auto_scale").item(), std::sqrt(0.5), 0.02);
  const double skipped = sum(isnan(result.losses)).item();
  EXPECT_NEAR(skipped / 30000, 0.3, 0.02);
  EXPECT_EQ(result.state.optimiser.step.item(), 30000 - skipped);
  EXPECT_SAYS(run(false), "is not finite after 30000 steps; the loss of step ");
}

TEST(Svi, ParamsOfTheModelAreFittedToo) {
  // Empirical Bayes: y ~ Normal(mu, 1), mu ~ Normal(m, 1): the evidence is largest at m = mean of y.
  const auto model = [](const Observed& y) {
    Tensor mu = sample("mu", Normal(param("m", 0.0), 1.0));
    Plate rows("rows", 5);
    sample("y", Normal(mu, 1.0), y);
  };
  const NormalMean data;
  const auto result = SVI(model, AutoNormal(model), settling(0.05, 3000, 1e-4), {.num_steps = 3000, .loss = TraceELBO({.num_particles = 32})}).run(Key(0), data.y);
  EXPECT_NEAR(result.params.at("m").item(), data.sum() / 5, 2e-3);
}

TEST(Svi, MutableStateIsCarried) {
  const auto model = [](const Observed& y) {
    MutableState count("count", 0.0);
    count.set(count.value() + 1.0);
    Tensor mu = sample("mu", Normal(0.0, 1.0));
    sample("y", Normal(mu, 1.0), y);
  };
  const auto result = SVI(model, AutoNormal(model), Adam(0.01), {.num_steps = 17}).run(Key(0), Tensor(0.5));
  EXPECT_EQ(result.state.mutable_state.at("count").item(), 17.0);
  EXPECT_SAYS(SVI(model, AutoNormal(model), Adam(0.01), {.loss = TraceELBO({.num_particles = 2})}).run(Key(0), Tensor(0.5)),
              "a model with mutable_state needs num_particles = 1, but there are 2");
}

TEST(Svi, ResultsAreFits) {
  const NormalMean truth;
  const auto model = [](const Observed& y) {
    Tensor mu = sample("mu", Normal(1.0, 2.0));
    deterministic("twice", 2.0 * mu);
    Plate rows("rows", Labels{"a", "b", "c", "d", "e"});
    Tensor e = sample("e", Normal(0.0, 1.0));
    sample("y", Normal(mu + e, 0.5), y);
  };
  const auto result = SVI(model, AutoNormal(model), Adam(0.01), {.num_steps = 10}).run(Key(1), truth.y);
  const Fit fit = result.posterior(Key(5), 200);
  EXPECT_EQ(fit.posterior["mu"].shape(), (Shape{1, 200}));
  EXPECT_EQ(fit.posterior["e"].dims(), (std::vector<std::string>{"chain", "draw", "rows"}));
  EXPECT_EQ(fit.posterior["e"].at("rows", "c").shape(), (Shape{1, 200}));
  EXPECT_EQ((2.0 * fit["mu"]).to_vector(), fit["twice"].to_vector());
  EXPECT_EQ(fit.observed_data["y"].size(), 5);
  const Values draws = result.sample_posterior(Key(5), {20, 10});
  EXPECT_EQ(draws.at("e").shape(), (Shape{20, 10, 5}));
  EXPECT_EQ(draws.at("mu").to_vector(), fit["mu"].to_vector());
  const Tensor weights = result.importance_log_weights(Key(5), 200);
  EXPECT_EQ(weights.to_vector(), (fit.sample_stats["lp"].tensor() - fit.sample_stats["log_q"].tensor()).to_vector());
}

TEST(Svi, ErrorsNameWhatDoesNotFit) {
  const NormalMean truth;
  const auto fewer = [](const Observed&) { sample("nu", Normal(param("loc", 0.0), 1.0)); };
  EXPECT_SAYS(SVI(NormalMean::model, fewer, Adam(0.1)).run(Key(0), truth.y), "the model's latent site \"mu\" is not in the guide");
  const auto more = [](const Observed&) {
    sample("mu", Normal(param("loc", 0.0), 1.0));
    sample("nu", Normal(0.0, 1.0));
  };
  EXPECT_SAYS(SVI(NormalMean::model, more, Adam(0.1)).run(Key(0), truth.y), "the guide's site \"nu\" is not in the model");
  const auto fixed = [](const Observed&) { sample("mu", Normal(0.0, 1.0)); };
  EXPECT_SAYS(SVI(NormalMean::model, fixed, Adam(0.1)).run(Key(0), truth.y), "neither the guide nor the model has a param");
  EXPECT_SAYS(SVI(NormalMean::model, normal_guide, Adam(0.1), {.init_params = {{"lco", 0.0}}}).run(Key(0), truth.y),
              ".init_params has \"lco\"");
  EXPECT_SAYS(SVI(NormalMean::model, normal_guide, Adam(0.1), {.num_steps = 0}), "num_steps must be at least 1");
  EXPECT_SAYS(TraceELBO({.num_particles = 0}), "num_particles must be at least 1");
  EXPECT_SAYS(RenyiELBO({.alpha = -1.0}), "alpha must not be negative");
  const auto coin = [](const Observed&) { sample("mu", Bernoulli(param("p", 0.5, constraints::unit_interval))); };
  const auto counted = [](const Observed& y) { sample("y", Normal(sample("mu", Bernoulli(0.5)).cast(f64), 1.0).expand({5}), y); };
  EXPECT_SAYS(SVI(counted, coin, Adam(0.1), {.loss = RenyiELBO()}).run(Key(0), truth.y), "are not differentiable; use TraceELBO");
  EXPECT_SAYS(SVI(NormalMean::model, normal_guide, Adam(0.1)).run(Key(0), truth.y, 3.0), "was given 2 arguments");
}
