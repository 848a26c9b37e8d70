// Whole programs as a user writes them: a changed name or spelling shows here.
#include "models.h"

using namespace svi_tests;

namespace {

void line(const Tensor& x, const Observed& y) {
  Tensor a = sample("alpha", Normal(0.0, 10.0)), b = sample("beta", Normal(0.0, 10.0)), s = sample("sigma", HalfNormal(5.0));
  Plate rows("obs", x.size());
  sample("y", Normal(a + b * x, s), y);
}
void guide(const Tensor&, const Observed&) {
  auto q = [](const char* site, auto family) {
    sample(site, family(param(std::string(site) + "_loc", 0.0), param(std::string(site) + "_scale", 1.0, constraints::positive)));
  };
  q("alpha", [](Tensor m, Tensor s) { return Normal(m, s); });
  q("beta", [](Tensor m, Tensor s) { return Normal(m, s); });
  q("sigma", [](Tensor m, Tensor s) { return LogNormal(m, s); });
}

void big(const Tensor& X, const Observed& y) {
  Tensor b = plate("feature", X.size(1), [&] { return sample("b", Normal(0.0, 1.0)); });
  Tensor s = sample("s", HalfNormal(1.0));
  Plate rows("obs", X.size(0), {.subsample_size = 64});
  sample("y", Normal(matmul(rows.take(X), b), s), rows.take(y));
}

void mixture(int K, int N, const Observed& y) {
  Tensor w = sample("weights", Dirichlet(ones(K)));
  Tensor mu = sample("mu", Normal(0.0, 10.0).expand({K}).to_event().restricted(constraints::ordered));
  Tensor sd = plate("component", K, [&] { return sample("sd", HalfNormal(5.0)); });
  Plate rows("obs", N);
  sample("y", MixtureSameFamily(Categorical(w), Normal(mu, sd)), y);
}

}  // namespace

TEST(Programs, RegressionFromStartToFinish) {
  Tensor x = normal(Key(0), {1000}), y = 1.0 + 2.0 * x + 0.5 * normal(Key(1), {1000});
  auto schedule = exponential_decay({.init = 0.03, .rate = 0.1, .steps = 20000});
  auto result = SVI(line, guide, Adam(schedule), {.num_steps = 60000, .loss = TraceELBO({.num_particles = 4})}).run(Key(2), x, y);
  EXPECT_NEAR(result.params["alpha_loc"].item(), 1.0, 0.08);
  EXPECT_NEAR(result.params["beta_loc"].item(), 2.0, 0.08);
  // The posterior of sigma is about normal with sd 0.5 / sqrt(2000).
  EXPECT_NEAR(std::exp(result.params["sigma_loc"].item()), 0.5, 0.06);
  EXPECT_NEAR(result.params["sigma_scale"].item(), 1 / std::sqrt(2000.0), 0.01);

  auto svi = SVI(line, AutoNormal(line), ClippedAdam({.step_size = 0.01, .clip_norm = 10.0}));
  auto state = svi.init(Key(4), x, y);
  double previous = INFINITY;
  for (int i = 0; i < 2000; ++i) {
    auto [next, loss] = svi.step(state, x, y);
    state = next;
    if (i % 1000 == 999) { double now = loss.item(); if (std::abs(previous - now) < 1e-4) break; previous = now; }
  }
  Fit approx = svi.result(state).posterior(Key(5), 2000);
  EXPECT_NEAR(mean(approx["beta"]).item(), 2.0, 0.1);
  EXPECT_FALSE(to_string(approx.summary({.kind = "stats"})).empty());
}

TEST(Programs, GuidesLossesOptimisersAndMinibatches) {
  Tensor X = normal(Key(0), {2000, 3}), y = sum(X, 1) + 0.5 * normal(Key(1), {2000});
  std::vector<std::pair<std::string, Guide>> guides{
      {"delta (MAP)", AutoDelta(big)}, {"mean field", AutoNormal(big)}, {"diagonal", AutoDiagonalNormal(big)},
      {"full rank", AutoMultivariateNormal(big)}, {"low rank", AutoLowRankMultivariateNormal(big, {.rank = 2})},
      {"Laplace", AutoLaplaceApproximation(big)}, {"IAF flow", AutoIAFNormal(big, {.num_flows = 2})},
      {"BNAF flow", AutoBNAFNormal(big, {.hidden = {2, 2}})},
      {"parts", AutoGuideList(big, {{{"b"}, AutoMultivariateNormal(big)}, {{"s"}, AutoDelta(big)}})}};
  for (const auto& [name, guide] : guides) {
    auto r = SVI(big, guide, Adam(cosine_decay({.init = 0.02, .steps = 2000})), {.num_steps = 2000, .stable = true}).run(Key(2), X, y);
    const Tensor b = r.sample_posterior(Key(3), {200}).at("b");
    for (int k = 0; k < 3; ++k) EXPECT_NEAR(mean(b, 0)[k].item(), 1.0, 0.15) << name;
  }
  auto renyi = SVI(big, AutoNormal(big), RMSProp(polynomial_decay({.init = 0.01, .steps = 2000, .final = 1e-4})),
                   {.num_steps = 2000, .loss = RenyiELBO({.num_particles = 8, .alpha = 0.5})}).run(Key(3), X, y);
  EXPECT_NEAR(renyi.params.at("b_auto_loc")[0].item(), 1.0, 0.15);
  auto field = SVI(big, AutoNormal(big), Adam(piecewise_constant({{0, 1e-2}, {1500, 1e-3}})), {.num_steps = 2000, .loss = TraceMeanFieldELBO()}).run(Key(4), X, y);
  EXPECT_NEAR(field.params.at("b_auto_loc")[0].item(), 1.0, 0.15);
}

TEST(Programs, MixtureOfOrderedComponents) {
  Tensor w{0.3, 0.5, 0.2}, mu{-5.0, 0.0, 5.0}, sd{1.0, 0.5, 1.5};
  Tensor y = MixtureSameFamily(Categorical(w), Normal(mu, sd)).sample(Key(42), {500});
  auto quick = SVI(mixture, AutoNormal(mixture), Adam(0.01), {.num_steps = 5000}).run(Key(1), 3, 500, y);
  auto approx = quick.posterior(Key(2), 1000);
  const Tensor found = mean(approx["mu"], 0);
  EXPECT_EQ(found.shape(), Shape{3});
  for (int k = 0; k < 3; ++k) EXPECT_NEAR(found[k].item(), mu[k].item(), 0.5);
}
