// Time series, as a user writes them.
#include <cmath>

#include <gtest/gtest.h>
#include <nuthatch/nuthatch.h>
using namespace nuthatch;

// ---- an autoregression ----

void ar1(double centre, double spread, const Observed& y) {
  Tensor mu = sample("mu", Normal(centre, 3.0 * spread));
  Tensor rho = sample("rho", Uniform(-0.99, 0.99)), sigma = sample("sigma", HalfNormal(spread));
  sample("y", AR({.coefficients = reshape(rho, {1}), .scale = sigma, .intercept = mu * (1.0 - rho),
                  .init = Normal(mu, sigma / sqrt(1.0 - square(rho))), .num_steps = 144}), y);
}

TEST(TimeSeries, Autoregression) {
  Tensor y = 5.0 + scan(Tensor(0.0), normal(Key(1), {144}), [](Tensor now, Tensor e) {
    Tensor next = 0.8 * now + e;
    return std::pair{next, next};
  }).second;
  auto fit = MCMC(NUTS(ar1)).run(Key(6), mean(y).item(), stddev(y).item(), y);
  Tensor rho = fit["rho"], mu = fit["mu"], sigma = fit["sigma"];
  auto continue_path = [](Key k, Tensor r, Tensor m, Tensor s, Tensor last) {      // forecast one draw
    return scan(last, normal(k, {24}), [&](Tensor now, Tensor e) {
      Tensor next = m + r * (now - m) + s * e;
      return std::pair{next, next};
    }).second;
  };
  Key keys = split(Key(7), rho.size());
  Tensor paths = vmap(continue_path, {.in = {0, 0, 0, 0, shared}})(keys, rho, mu, sigma, y[-1]);

  EXPECT_NEAR(mean(rho).item(), 0.8, 0.2);
  EXPECT_NEAR(mean(sigma).item(), 1.0, 0.2);
  EXPECT_EQ(paths.shape(), (Shape{4000, 24}));
  // The forecast returns to the mean and its spread grows to that of the stationary distribution.
  EXPECT_NEAR(mean(paths(all, 0)).item(), mean(mu + rho * (y[-1] - mu)).item(), 5 * mean(sigma).item() / std::sqrt(4000.0));
  EXPECT_GT(stddev(paths(all, -1)).item(), 1.2 * stddev(paths(all, 0)).item());
}

// ---- a local level, with a scan ----

void local_level(int T, const Observed& y) {
  Tensor level0 = sample("level0", Normal(0.0, 10.0));
  Tensor s_obs = sample("sigma_obs", HalfNormal(5.0)), s_state = sample("sigma_state", HalfNormal(5.0));
  auto [last, levels] = scan(level0, arange(T), [&](Tensor previous, Tensor) {
    Tensor level = sample("level", Normal(previous, s_state));      // stored as level[time]
    return std::pair{level, level};
  }, {.dim = "time"});
  Plate time("time", T);
  sample("y", Normal(levels, s_obs), y);
}

TEST(TimeSeries, LocalLevel) {
  Tensor y = cumsum(0.1 * normal(Key(1), {100})) + 0.5 * normal(Key(2), {100});
  auto model = reparam(local_level, {{"level", LocScaleReparam(0.0)}});
  auto fit = MCMC(NUTS(model), {.num_warmup = 500, .num_chains = 2}).run(Key(0), 100, y);

  EXPECT_EQ(fit.posterior["level"].dims(), (std::vector<std::string>{"chain", "draw", "time"}));
  EXPECT_EQ(fit.posterior["level_decentered"].dims()[2], "time");
  EXPECT_NEAR(mean(fit["sigma_obs"]).item(), 0.5, 0.15);
  const Tensor path = cumsum(0.1 * normal(Key(1), {100}));
  EXPECT_LT(mean(abs(mean(fit["level"], 0) - path)).item(), 0.35);
  EXPECT_TRUE(trace(seed(condition(local_level, {{"level", path}}), Key(0)))(100)["level"].observed);
}
