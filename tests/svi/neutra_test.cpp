// NeuTra: the same posterior in other coordinates.
#include "models.h"

using namespace svi_tests;

namespace {

/// Neal's funnel: x_i are as wide as exp(v / 2).
void funnel() {
  Tensor v = sample("v", Normal(0.0, 3.0));
  Plate rows("rows", 3);
  sample("x", Normal(0.0, exp(0.5 * v)));
}

void mixed(const Observed& y) {
  Tensor s = sample("s", Gamma(2.0, 1.0));
  Tensor w = sample("w", Dirichlet(Tensor{1.0, 2.0, 3.0}));
  Tensor b = sample("b", Uniform(0.0, s));
  Plate rows("rows", 4);
  Mask some(Tensor{true, false, true, true});
  Tensor t = sample("t", Normal(b, 1.0));
  sample("y", Normal(t + w[0], s), y);
}

}  // namespace

TEST(NeuTra, TheDensityIsThatOfTheModel) {
  const Tensor y{0.5, -1.0, 0.3, 0.8};
  const std::vector<std::pair<std::string, Guide>> guides{
      {"diagonal", AutoDiagonalNormal(mixed)}, {"full", AutoMultivariateNormal(mixed)}, {"IAF", AutoIAFNormal(mixed)},
      {"BNAF", AutoBNAFNormal(mixed, {.hidden = {4}})}, {"normal", AutoNormal(mixed)}};
  const LogDensity original = log_density(mixed, y);
  for (const auto& [name, guide] : guides) {
    const auto result = SVI(mixed, guide, Adam(0.02), {.num_steps = 50}).run(Key(0), y);
    const NeuTraReparam neutra(guide, result.params);
    const LogDensity moved = log_density(reparam(mixed, neutra), y);
    ASSERT_EQ(moved.sites().size(), 1u);
    EXPECT_EQ(moved.sites()[0].name, "auto_shared_latent");
    const Bijector f = result.guide().get_transform(result.params);
    for (int i = 0; i < 5; ++i) {
      const Tensor u = normal(Key(i), {original.dim()});
      const auto [z, log_det] = f.forward_and_log_det(u);
      EXPECT_NEAR(moved(u).item(), original(z).item() + log_det.item(), 1e-10) << name;
      const Values there = moved.constrain(u), direct = original.constrain(z), brought = neutra.transform_sample(u, y);
      for (const LatentSite& site : original.sites()) {
        EXPECT_NEAR(max(abs(there.at(site.name) - direct.at(site.name))).item(), 0.0, 1e-12) << site.name;
        EXPECT_NEAR(max(abs(brought.at(site.name) - direct.at(site.name))).item(), 0.0, 1e-12) << site.name;
      }
    }
    EXPECT_EQ(neutra.transform_sample(zeros({2, 3, original.dim()}), y).at("w").shape(), (Shape{2, 3, 3}));
  }
}

TEST(NeuTra, SamplesAFunnel) {
  const AutoIAFNormal guide(funnel, {.num_flows = 1, .hidden = {16, 16}, .init_scale = 1.0});
  const auto result = SVI(funnel, guide, settling(0.02, 4000), {.num_steps = 4000, .loss = TraceELBO({.num_particles = 8})}).run(Key(0));
  const MCMCOptions options{.num_warmup = 1000, .num_samples = 2000, .num_chains = 8, .progress = false};
  const Fit fit = MCMC(NUTS(reparam(funnel, NeuTraReparam(guide, result.params))), options).run(Key(1));
  const double ess = fit.diagnose().min_ess_bulk;
  EXPECT_GT(ess, 1000);
  // v is Normal(0, 3): mean, sd and tails.
  const Tensor v = fit["v"];
  EXPECT_NEAR(mean(v).item(), 0.0, 5.5 * 3 / std::sqrt(ess));
  EXPECT_NEAR(stddev(v).item(), 3.0, 5.5 * 3 / std::sqrt(2 * ess));
  const double below = mean((v < -3.0).cast(f64)).item(), exact = 0.15865525393145707;
  EXPECT_NEAR(below, exact, 5.5 * std::sqrt(exact * (1 - exact) / ess));
  // The model as written does not get into the neck.
  const Fit plain = MCMC(NUTS(funnel), options).run(Key(1));
  const double plain_ess = plain.diagnose().min_ess_bulk;
  EXPECT_GT(ess, 2 * plain_ess) << plain_ess;
}

TEST(NeuTra, ErrorsNameTheGuide) {
  const auto own = [] { sample("v", Normal(param("m", 0.0), 1.0)); };
  EXPECT_SAYS(NeuTraReparam(own, {}), "NeuTraReparam: needs an automatic guide");
  const NeuTraReparam empty(AutoDiagonalNormal(funnel), {});
  EXPECT_SAYS(log_density(empty.reparam(funnel)), "AutoDiagonalNormal: no param \"auto_loc\" among those given");
  const NeuTraReparam point(AutoDelta(funnel), {});
  EXPECT_SAYS(log_density(point.reparam(funnel)), "AutoDelta: the map from standard normals has no closed form");
  const auto walk = [] {
    scan(Tensor(0.0), 3, [](const Tensor& before, const Tensor&) {
      Tensor x = sample("x", Normal(before, 1.0));
      return std::pair(x, x);
    });
  };
  const NeuTraReparam steps(AutoDiagonalNormal(walk), {{"auto_loc", zeros(3)}, {"auto_scale", ones(3)}});
  EXPECT_SAYS(log_density(steps.reparam(walk)), "NeuTraReparam: sample(\"x\") is in the body of a scan");
  const NeuTraReparam good(AutoDiagonalNormal(funnel), {{"auto_loc", zeros(4)}, {"auto_scale", ones(4)}});
  EXPECT_SAYS(good.transform_sample(zeros(3)), "draws of shape [3] for 4 latent coordinates");
}
