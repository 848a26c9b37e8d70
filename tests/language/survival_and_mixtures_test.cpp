// Survival times, mixtures, calibration, as a user writes them.
#include <cmath>

#include <gtest/gtest.h>
#include <nuthatch/nuthatch.h>
using namespace nuthatch;

void survival(const Tensor& X, const Tensor& censored, const Observed& time) {
  Tensor a = sample("alpha", Normal(0.0, 5.0));
  Tensor b = plate("feature", X.size(1), [&] { return sample("beta", Normal(0.0, 2.0)); });
  Tensor shape = sample("shape", Exponential(1.0));
  Tensor scale = exp(a + matmul(X, b));
  deterministic("median_survival", scale * pow(log(2.0), 1.0 / shape));
  Plate patients("patient", X.size(0));
  sample("time", RightCensored(Weibull(scale, shape), censored), time);
}

TEST(Survival, WeibullWithCensoring) {
  Tensor metastasized = (arange(300) % 2).cast(f64);
  Tensor X = reshape(metastasized, {-1, 1});
  Tensor times = Weibull(exp(3.0 - 0.8 * metastasized), 1.5).sample(Key(1)), ends = uniform(Key(2), {300}, 5.0, 40.0);
  Tensor event = (times <= ends).cast(f64), time = minimum(times, ends), censored = event == 0.0;
  auto fit = MCMC(NUTS(survival), {.exclude = {"median_survival"}}).run(Key(11), X, censored, time);
  print("hazard ratio {:.2f}\n", mean(exp(-fit["shape"] * fit["beta"](all, 0))));
  fit.extend(Predictive(survival, fit)(Key(12), X, censored));

  EXPECT_NEAR(mean(fit["shape"]).item(), 1.5, 0.3);
  EXPECT_NEAR(mean(fit["beta"](all, 0)).item(), -0.8, 0.4);
  EXPECT_NEAR(mean(exp(-fit["shape"] * fit["beta"](all, 0))).item(), std::exp(1.2), 1.6);
  EXPECT_FALSE(fit.posterior.contains("median_survival"));
  EXPECT_EQ(fit["time"].shape(), (Shape{4000, 300}));
  // A censored row contributes log S(t) = -(t / scale)^shape, never log F(t).
  auto one = RightCensored(Weibull(2.0, 1.5), Tensor(true));
  EXPECT_NEAR(one.log_prob(3.0).item(), -std::pow(1.5, 1.5), 1e-14);
  auto clipped = Censored(Normal(0.0, 1.0), {.lower = -1.0, .upper = 1.0});
  EXPECT_NEAR(clipped.log_prob(1.0).item(), std::log(0.5 * std::erfc(1.0 / std::sqrt(2.0))), 1e-14);
  auto truncated = Truncated(Normal(0.0, 1.0), {.lower = 1.0});
  EXPECT_NEAR(truncated.log_prob(1.0).item(), -0.5 - 0.5 * std::log(2 * M_PI) - std::log(0.5 * std::erfc(1.0 / std::sqrt(2.0))), 1e-13);
}

void mixture(int K, int N, const Observed& y) {
  Tensor w = sample("weights", Dirichlet(ones(K)));
  Tensor mu = sample("mu", Normal(0.0, 10.0).expand({K}).to_event().restricted(constraints::ordered));
  Tensor sd = plate("component", K, [&] { return sample("sd", HalfNormal(5.0)); });
  Plate rows("obs", N);
  sample("y", MixtureSameFamily(Categorical(w), Normal(mu, sd)), y);
}

TEST(Mixtures, OrderedComponents) {
  Tensor w{0.3, 0.5, 0.2}, mu{-5.0, 0.0, 5.0}, sd{1.0, 0.5, 1.5};
  Tensor y = MixtureSameFamily(Categorical(w), Normal(mu, sd)).sample(Key(42), {500});
  auto fit = MCMC(NUTS(mixture)).run(Key(0), 3, 500, y);
  print("NUTS {}\n", mean(fit["mu"], 0));
  Tensor x = linspace(min(y), max(y), 200);
  Tensor density = exp(MixtureSameFamily(Categorical(mean(fit["weights"], 0)), Normal(mean(fit["mu"], 0), mean(fit["sd"], 0))).log_prob(x));

  // A chain may stay in a lesser mode; most do not.
  EXPECT_TRUE(allclose(median(fit["mu"], 0), mu, {.rtol = 0.0, .atol = 0.7}));
  EXPECT_TRUE(allclose(median(fit["weights"], 0), w, {.rtol = 0.0, .atol = 0.1}));
  EXPECT_TRUE(allclose(median(fit["sd"], 0), sd, {.rtol = 0.0, .atol = 0.5}));
  EXPECT_TRUE(all_of(diff(fit["mu"], 1) > 0.0).item<bool>());  // no label switching
  EXPECT_NEAR(trapezoid(density, x).item(), 1.0, 0.03);
  auto other = Mixture(Tensor{0.4, 0.6}, {Normal(0.0, 1.0), Laplace(1.0, 2.0)});
  EXPECT_NEAR(exp(other.log_prob(0.5)).item(), 0.4 * std::exp(-0.125) / std::sqrt(2 * M_PI) + 0.6 * 0.25 * std::exp(-0.25), 1e-14);
}

void calibration(const Tensor& reading, const Observed& value) {
  Tensor a = sample("a", Normal(1.0, 2.0)), b = sample("b", Normal(0.0, 1.0));
  Tensor sigma = sample("sigma", HalfNormal(0.5));
  Plate rows("reading", reading.size());
  Tensor mean_value = deterministic("mean_value", a * reading + b);
  sample("value", Normal(mean_value, sigma), value);
}

TEST(Calibration, OfAnInstrument) {
  auto fit = MCMC(NUTS(calibration)).run(Key(42), Tensor{1.0, 2.0, 3.0, 4.0, 5.0}, Tensor{2.1, 4.0, 5.9, 8.1, 10.0});
  Tensor fresh{6.0, 7.0};
  auto out = Predictive(calibration, fit)(Key(43), fresh);
  for (int i : {0, 1})
    print("reading {}: {:.3f} sd {:.3f}, 94% {}\n", fresh[i], mean(out["value"](all, i)), stddev(out["value"](all, i)), hdi(out["value"](all, i)));

  EXPECT_NEAR(mean(out["value"](all, 0)).item(), 12.0, 0.2);
  EXPECT_NEAR(mean(out["value"](all, 1)).item(), 14.0, 0.25);
  EXPECT_TRUE(all_of(stddev(out["value"], 0) > stddev(out["mean_value"], 0)).item<bool>());
}
