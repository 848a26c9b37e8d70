// Predictions from prior and posterior: against moments known in closed form, and against the same run draw by draw.
#include <cmath>

#include <gtest/gtest.h>

#include "nuthatch/array.h"
#include "nuthatch/distributions.h"
#include "nuthatch/math.h"
#include "nuthatch/mcmc.h"
#include "nuthatch/ppc.h"
#include "nuthatch/predictive.h"

using namespace nuthatch;

namespace {

void line(const Tensor& x, const Observed& y) {
  Tensor a = sample("a", Normal(0.0, 1.0));
  Tensor b = sample("b", Normal(0.0, 2.0));
  Plate rows("obs", x.size());
  Tensor mu = deterministic("mu", a + b * x);
  sample("y", Normal(mu, 0.5), y);
}

/// 4 x 500 exact draws of a and b in place of a sampler's.
InferenceData made_up_posterior() {
  InferenceData data;
  data.posterior.set_draws("a", normal(Key(10), {4, 500}));
  data.posterior.set_draws("b", 2.0 + 0.1 * normal(Key(11), {4, 500}));
  data.posterior.set_draws("mu", zeros({4, 500, 3}), {"obs"});
  return data;
}

TEST(Predictive, PriorMoments) {
  const Tensor x{-1.0, 0.0, 2.0};
  const InferenceData prior = Predictive(line, {.num_samples = 20000})(Key(1), x);
  EXPECT_EQ(prior.groups(), (std::vector<std::string>{"prior", "prior_predictive"}));
  EXPECT_EQ(prior.prior_predictive["y"].shape(), (Shape{1, 20000, 3}));
  EXPECT_EQ(prior.prior_predictive["y"].dims(), (std::vector<std::string>{"chain", "draw", "obs"}));
  EXPECT_EQ(prior.prior.names(), (std::vector<std::string>{"a", "b", "mu"}));
  const Tensor y = prior["y"];
  for (int i = 0; i < 3; ++i) {
    const double v = 1 + 4 * std::pow(x[i].item(), 2) + 0.25;  // exact; the error of a sample variance is v sqrt(2 / n)
    EXPECT_NEAR(variance(y(all, i)).item(), v, 4.5 * v * std::sqrt(2.0 / 20000));
    EXPECT_NEAR(mean(y(all, i)).item(), 0.0, 4.5 * std::sqrt(v / 20000));
  }
}

TEST(Predictive, DrawsAreThoseOfTheModelRunByHand) {
  const Tensor x{-1.0, 0.0, 2.0};
  const InferenceData prior = Predictive(line, {.num_samples = 5})(Key(7), x);
  const InferenceData posterior = made_up_posterior();
  const InferenceData predicted = Predictive(line, posterior)(Key(7), x);
  for (int i = 0; i < 5; ++i) {
    Trace by_hand = trace(seed(line, fold_in(Key(7), Tensor(std::int64_t(i)))))(x);
    for (int k = 0; k < 3; ++k) EXPECT_NEAR(prior["y"](i, k).item(), by_hand["y"].value[k].item(), 1e-13);
    Trace given = trace(seed(substitute(line, {{"a", posterior["a"][i]}, {"b", posterior["b"][i]}}),
                             fold_in(Key(7), Tensor(std::int64_t(i)))))(x);
    for (int k = 0; k < 3; ++k) {
      EXPECT_NEAR(predicted["y"](i, k).item(), given["y"].value[k].item(), 1e-13);
      EXPECT_NEAR(predicted["mu"](i, k).item(), given["mu"].value[k].item(), 1e-13);
    }
  }
}

TEST(Predictive, NewDataOfAnotherLength) {
  const InferenceData fit = made_up_posterior();
  const Tensor grid = linspace(-3.0, 3.0, 11);
  const InferenceData out = Predictive(line, fit, {.group = "predictions"})(Key(2), grid);
  EXPECT_EQ(out.groups(), (std::vector<std::string>{"predictions"}));
  EXPECT_EQ(out.predictions["mu"].shape(), (Shape{4, 500, 11}));
  // Stored values of mu have another length: it is computed anew.
  EXPECT_NEAR(max(abs(out["mu"] - (fit["a"](all, newaxis) + fit["b"](all, newaxis) * grid))).item(), 0.0, 1e-13);
  const double se = std::sqrt((1 + 0.01 * 9 + 0.25) / 2000);
  EXPECT_NEAR(mean(out["y"](all, 10)).item(), 6.0, 4.5 * se);
}

TEST(Predictive, BatchesAndThreadsChangeNothing) {
  const InferenceData fit = made_up_posterior();
  const Tensor x{-1.0, 0.0, 2.0, 5.0};
  const Tensor whole = Predictive(line, fit)(Key(3), x)["y"];
  for (std::int64_t batch : {7, 256, 2000}) {
    const Tensor parts = Predictive(line, fit, {.batch_size = batch, .threads = 2})(Key(3), x)["y"];
    EXPECT_TRUE(all_of(parts == whole).item<bool>()) << batch;
  }
}

TEST(Predictive, ReturnSitesAndExclude) {
  const InferenceData fit = made_up_posterior();
  const Tensor x{1.0};
  auto names = [&](PredictiveOptions options) {
    return Predictive(line, fit, options)(Key(0), x).posterior_predictive.names();
  };
  EXPECT_EQ(names({}), (std::vector<std::string>{"mu", "y"}));
  EXPECT_EQ(names({.return_sites = {"a", "y"}}), (std::vector<std::string>{"a", "y"}));
  EXPECT_EQ(names({.exclude = {"mu"}}), (std::vector<std::string>{"y"}));
  const InferenceData out = Predictive(line, fit, {.return_sites = {"a"}})(Key(0), x);
  EXPECT_TRUE(all_of(out["a"] == fit["a"]).item<bool>());
  try {
    names({.return_sites = {"z"}});
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find(".return_sites names \"z\", but the model has the sites a, b, mu, y"),
              std::string::npos)
        << e.what();
  }
}

TEST(Predictive, LogLikelihoodPerObservation) {
  const InferenceData fit = made_up_posterior();
  const Tensor x{-1.0, 0.0, 2.0}, y{0.5, 0.1, 3.0};
  const InferenceData ll = log_likelihood(line, fit, x, y);
  ASSERT_EQ(ll.log_likelihood["y"].shape(), (Shape{4, 500, 3}));
  EXPECT_EQ(ll.log_likelihood["y"].dims(), (std::vector<std::string>{"chain", "draw", "obs"}));
  EXPECT_EQ(ll.observed_data["y"].to_doubles(), y.to_vector());
  const Tensor r = (y - (fit["a"](all, newaxis) + fit["b"](all, newaxis) * x)) / 0.5;
  const Tensor expected = -0.5 * r * r - std::log(0.5) - 0.5 * std::log(2 * M_PI);
  EXPECT_NEAR(max(abs(reshape(ll.log_likelihood["y"].tensor(), {2000, 3}) - expected)).item(), 0.0, 1e-11);
  EXPECT_THROW(log_likelihood(line, fit, x), Error);
}

void groups(int n, const Observed& y) {
  Tensor tau = sample("tau", HalfNormal(1.0));
  Plate g("g", n);
  Tensor theta = sample("theta", Normal(0.0, tau));
  sample("y", Normal(theta, 1.0), y);
}

TEST(Predictive, LatentSitesThatDoNotFit) {
  InferenceData fit;
  fit.posterior.set_draws("tau", full({1, 4000}, 2.0));
  fit.posterior.set_draws("theta", zeros({1, 4000, 3}));
  EXPECT_EQ(Predictive(groups, fit)(Key(0), 3)["y"].shape(), (Shape{4000, 3}));
  try {
    Predictive(groups, fit)(Key(0), 5);
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("the draws have shape [3], but at these arguments Normal has shape [5]"),
              std::string::npos)
        << e.what();
  }
  const InferenceData anew = Predictive(groups, fit, {.resample = {"theta"}})(Key(0), 5);
  EXPECT_EQ(anew["theta"].shape(), (Shape{4000, 5}));
  EXPECT_NEAR(variance(anew["theta"]).item(), 4.0, 4.5 * 4.0 * std::sqrt(2.0 / 20000));
  InferenceData lacking;
  lacking.posterior.set_draws("tau", full({1, 10}, 2.0));
  EXPECT_THROW(Predictive(groups, lacking)(Key(0), 3), Error);
  EXPECT_THROW(Predictive(groups, InferenceData()), Error);
  EXPECT_THROW(Predictive(groups, fit, {.num_samples = 10}), Error);
}

TEST(Predictive, AfterMcmcWithReparameterisation) {
  // Conjugate: theta ~ N(0, 1), y ~ N(theta, 1), one y = 2 each: theta | y ~ N(1, 1/2), a new y ~ N(1, 3/2).
  auto model = [](int n, const Observed& y) {
    Plate g("g", n);
    Tensor theta = sample("theta", Normal(0.0, 1.0));
    sample("y", Normal(theta, 1.0), y);
  };
  auto easier = reparam(model, {{"theta", LocScaleReparam(0.0)}});
  Fit fit = MCMC(NUTS(easier), {.num_warmup = 300, .num_samples = 1000, .progress = false})
                .run(Key(0), 4, Tensor{2.0, 2.0, 2.0, 2.0});
  fit.extend(Predictive(easier, fit)(Key(1), 4));
  EXPECT_TRUE(fit.has("posterior_predictive"));
  EXPECT_NEAR(mean(fit["y"]).item(), 1.0, 0.07);
  EXPECT_NEAR(variance(fit["y"]).item(), 1.5, 0.12);
  // The model as written takes the values of theta themselves.
  EXPECT_NEAR(mean(Predictive(model, fit)(Key(1), 4)["y"]).item(), 1.0, 0.07);
}

TEST(Predictive, InterventionsAndDiscreteSites) {
  auto world = [] {
    Tensor x = sample("x", Normal(0.0, 1.0));
    Tensor y = sample("y", Normal(x, 1.0));
    sample("z", Poisson(exp(0.1 * y)));
  };
  const InferenceData sim = Predictive(do_(world, {{"x", 2.0}}), {.num_samples = 20000})(Key(0));
  EXPECT_NEAR(mean(sim["y"]).item(), 2.0, 4.5 / std::sqrt(20000.0));
  EXPECT_NEAR(mean(sim["x"]).item(), 0.0, 4.5 / std::sqrt(20000.0));
  const double rate = std::exp(0.2 + 0.005);
  EXPECT_NEAR(mean(sim["z"].cast(f64)).item(), rate, 4.5 * std::sqrt(1.3 * rate / 20000));
}

TEST(Predictive, Checks) {
  const Tensor x = linspace(-1.0, 1.0, 40), y = 2.0 * x + 0.5 * normal(Key(5), {40});
  InferenceData fit;
  fit.posterior.set_draws("a", zeros({1, 4000}));
  fit.posterior.set_draws("b", full({1, 4000}, 2.0));
  fit.extend(Predictive(line, fit)(Key(6), x));
  fit.observed_data.set_data("y", y, {"obs"});
  const Table table = ppc_p_values(fit, "y");
  EXPECT_EQ(table.rows(), (std::vector<std::string>{"mean", "sd", "min", "max", "median"}));
  EXPECT_NEAR(table.at("mean", "observed"), mean(y).item(), 1e-14);
  // The mean of a predicted data set is N(0, 0.5^2 / 40): its p-value is known.
  const double p = 0.5 * std::erfc(mean(y).item() / (0.5 / std::sqrt(40.0)) / std::sqrt(2.0));
  EXPECT_NEAR(table.at("mean", "p_value"), p, 4.5 * std::sqrt(p * (1 - p) / 4000));
  const PpcTest own = ppc_test(fit, "y", [](Tensor v) { return mean(v); });
  EXPECT_NEAR(own.p_value, table.at("mean", "p_value"), 1e-3);
  EXPECT_EQ(own.replicated.shape(), (Shape{4000}));
  fit.observed_data.set_data("y", y + 1.0, {"obs"});
  EXPECT_EQ(ppc_test(fit, "y", [](Tensor v) { return mean(v); }).p_value, 0.0);
  EXPECT_THROW(ppc_p_values(fit, "w"), Error);
  EXPECT_THROW(ppc_test(fit, "y", [](Tensor v) { return v * 2.0; }), Error);
}

}  // namespace
