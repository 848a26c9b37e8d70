// Inference with sites in the body of a scan: samplers, predictions, stored data.
#include <cmath>

#include <gtest/gtest.h>

#include "scan_models.h"

namespace {

// ---- discrete sites ----

TEST(ScanSites, DiscreteSitesUnderGibbs) {
  // A chain of states with known emissions; the exact probabilities come from the forward-backward sums.
  const Tensor P{{0.8, 0.2}, {0.3, 0.7}}, y{0.2, 1.4, 0.9, -0.3};
  auto model = [&](const Tensor& y) {
    scan(Tensor(std::int64_t(0)), y, [&](Tensor state, Tensor now) {
      Tensor next = sample("z", Categorical(P[state]));
      sample("y", Normal(next.cast(f64), 0.7), now);
      return std::pair{next, next};
    }, {.dim = "time"});
    sample("nothing", Normal(0.0, 1.0));
  };
  auto fit = MCMC(DiscreteHMCGibbs(NUTS(model)), {.num_samples = 5000, .progress = false}).run(Key(0), y);
  const Tensor emission = Normal(Tensor{0.0, 1.0}, 0.7).log_prob(expand_dims(y, 1));
  const double total = hidden_markov_log_prob(log(P[0]), log(P), emission).item();
  for (int t = 0; t < 4; ++t) {
    const Tensor only_one = emission.at(t, 0).set(-INFINITY);
    const double p = std::exp(hidden_markov_log_prob(log(P[0]), log(P), only_one).item() - total);
    const Tensor z = fit.posterior["z"](all, all, t).cast(f64);
    EXPECT_NEAR(mean(z).item(), p, 5 * mcse_mean(z).item()) << t;
  }
}

// ---- inference ----

TEST(ScanSites, NutsFindsTheSamePosterior) {
  // Levels integrated out exactly: y is jointly normal with a random walk's covariance.
  auto walk = [](const Tensor& y) {
    scan(Tensor(0.0), y, [&](Tensor previous, Tensor now) {
      Tensor level = sample("level", Normal(previous, 0.5));
      sample("y", Normal(level, 0.7), now);
      return std::pair{level, level};
    }, {.dim = "time"});
  };
  const int n = 5;
  Tensor covariance = zeros({n, n});
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < n; ++j) covariance = covariance.at(i, j).set(0.25 * (1 + std::min(i, j)));
  const Tensor gain = matmul(covariance, inv(covariance + 0.49 * eye(n)));
  const Tensor mean_level = matmul(gain, kY);
  const Tensor posterior = covariance - matmul(gain, covariance);
  for (const auto& model : {Model(walk), Model(reparam(walk, {{"level", LocScaleReparam(0.0)}}))}) {
    auto fit = MCMC(NUTS(model), {.num_samples = 4000, .num_chains = 4, .progress = false}).run(Key(0), kY);
    const Tensor level = fit["level"];
    for (int i = 0; i < n; ++i) {
      const double sd = std::sqrt(posterior(i, i).item());
      EXPECT_NEAR(mean(level(all, i)).item(), mean_level[i].item(), 5 * sd / std::sqrt(4000.0)) << i;
      EXPECT_NEAR(stddev(level(all, i)).item() / sd, 1.0, 0.06) << i;
    }
    EXPECT_EQ(fit.posterior["level"].dims()[2], "time");
    EXPECT_EQ(fit.observed_data["y"].values().shape, Shape{n});
  }
}

TEST(ScanSites, PredictiveDrawsAndPredicts) {
  auto prior = Predictive(local_level, {.num_samples = 4000})(Key(0), 6);
  const Tensor level = prior["level"];
  EXPECT_EQ(level.shape(), (Shape{4000, 6}));
  // Given level0 and sigma_state steps are normal with this scale.
  const Tensor first = (level(all, 0) - prior["level0"]) / prior["sigma_state"], second = (level(all, 1) - level(all, 0)) / prior["sigma_state"];
  EXPECT_NEAR(mean(first).item(), 0.0, 5 / std::sqrt(4000.0));
  EXPECT_NEAR(stddev(second).item(), 1.0, 5 / std::sqrt(8000.0));
  EXPECT_NEAR(mean(first * second).item(), 0.0, 5 / std::sqrt(4000.0));
  auto fit = MCMC(NUTS(reparam(local_level, {{"level", LocScaleReparam(0.0)}})),
                  {.num_warmup = 500, .num_samples = 500, .num_chains = 2, .progress = false}).run(Key(0), 5, kY);
  auto predicted = Predictive(local_level, fit)(Key(1), 5);
  EXPECT_EQ(predicted["y"].shape(), (Shape{1000, 5}));
  const Tensor residual = (predicted["y"] - fit["level"]) / expand_dims(fit["sigma_obs"], 1);
  EXPECT_NEAR(mean(square(residual)).item(), 1.0, 5 * std::sqrt(2.0 / 5000));
}

void gathered(const Tensor& y) {
  Tensor s = sample("s", HalfNormal(1.0));
  scan(Tensor(0.0), arange(y.size()), [&](Tensor x, Tensor t) {
    Scope inside("body");
    Tensor next = sample("x", Normal(x, s));
    Scale weight(2.0);
    sample("y", Normal(next, 1.0), y[t]);
    return std::pair{next, next};
  }, {.dim = "time"});
}
TEST(ScanSites, ScopesScalesAndDataByIndex) {
  const Tensor y{1.0, -0.5, 0.3};
  auto d = log_density(gathered, y);
  ASSERT_EQ(d.dim(), 4);
  Tensor z{0.1, 0.2, 0.4, 0.0};  // body/x then s
  double e = normal_log_density(1.0, 0, 1) + std::log(2.0), prev = 0;
  for (int i = 0; i < 3; ++i) { e += normal_log_density(z[i].item(), prev, 1.0) + 2 * normal_log_density(y[i].item(), z[i].item(), 1.0); prev = z[i].item(); }
  EXPECT_NEAR(d(z).item(), e, 1e-12);
  EXPECT_NEAR(d.log_likelihood(z)["body/y"][1].item(), normal_log_density(-0.5, 0.2, 1), 1e-13);
  Trace t = trace(seed(uncondition(gathered), Key(0)))(y);
  EXPECT_EQ(t["body/y"].infer.observation.to_vector(), y.to_vector());
  EXPECT_FALSE(t["body/y"].observed);
  auto fit = MCMC(NUTS(gathered), {.num_warmup = 200, .num_samples = 200, .progress = false}).run(Key(0), y);
  EXPECT_EQ(fit["body/x"].shape(), (Shape{800, 3}));
  fit.extend(log_likelihood(gathered, fit, y));
  EXPECT_EQ(fit.log_likelihood["body/y"].values().shape, (Shape{4, 200, 3}));
}
TEST(ScanSites, PriorPredictiveOfObservationsInBody) {
  auto m = [](int T, const Observed& y) {
    Tensor s = sample("s", HalfNormal(1.0));
    scan(Tensor(0.0), std::pair{arange(T), y}, [&](Tensor x, std::pair<Tensor, Observed> now) {
      Tensor n = sample("x", Normal(x, s));
      sample("y", Normal(n, 0.1), now.second);
      return std::pair{n, n};
    }, {.dim = "time"});
  };
  auto prior = Predictive(m, {.num_samples = 300})(Key(0), 4);
  EXPECT_EQ(prior.prior_predictive["y"].values().shape, (Shape{1, 300, 4}));
  auto fit = MCMC(NUTS(m), {.num_warmup = 200, .num_samples = 100, .progress = false}).run(Key(0), 4, Tensor{0.1, 0.2, 0.1, 0.4});
  EXPECT_TRUE(fit.observed_data.contains("y"));
  auto post = Predictive(m, fit)(Key(1), 4);
  EXPECT_EQ(post["y"].shape(), (Shape{400, 4}));
  EXPECT_LT(max(abs(mean(post["y"], 0) - mean(fit["x"], 0))).item(), 0.05);
  // Further into the future: the stored path is too short for the new site.
  try { Predictive(m, fit)(Key(1), 6); FAIL(); } catch (const Error& e) { EXPECT_NE(std::string(e.what()).find("resample"), std::string::npos) << e.what(); }
}

}  // namespace
