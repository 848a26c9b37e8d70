// Automatic guides against posteriors in closed form.
#include "models.h"

using namespace svi_tests;

namespace {

Tensor flattened(const Tensor& x) { return reshape(x, {-1}); }

void expect_near(const Tensor& x, const Tensor& y, double tolerance, const std::string& what = "") {
  const Tensor both = broadcast_to(y, x.shape());
  const auto a = flattened(x).to_vector(), b = flattened(both).to_vector();
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], tolerance) << what << " [" << i << "]";
}

void beta_bernoulli(const Observed& y) {
  Tensor p = sample("p", Beta(1.0, 1.0).expand({2}).to_event(1));
  Plate rows("rows", 10);
  sample("y", Bernoulli(p).to_event(1), y);
}
const Tensor kFlips{{1, 0}, {1, 0}, {1, 1}, {0, 0}, {1, 1}, {1, 0}, {1, 0}, {1, 1}, {1, 0}, {0, 1}};  // sums 8 and 4

/// Where the optimum is known: little noise.
const ELBO kPrecise = TraceELBO({.num_particles = 64});

}  // namespace

TEST(Guides, FindTheMeansOfBetaPosteriors) {
  // Beta(9, 3) and Beta(5, 7). The normal around the mode in logit space has other moments, by quadrature.
  const Tensor mean_exact{9.0 / 12, 5.0 / 12}, sd_exact{0.12009, 0.13673};
  const Tensor mean_laplace{0.73168, 0.42267}, sd_laplace{0.12303, 0.13293};
  const std::vector<std::pair<std::string, Guide>> guides{
      {"normal", AutoNormal(beta_bernoulli)},
      {"diagonal", AutoDiagonalNormal(beta_bernoulli)},
      {"full", AutoMultivariateNormal(beta_bernoulli)},
      {"low rank", AutoLowRankMultivariateNormal(beta_bernoulli, {.rank = 1})},
      {"Laplace", AutoLaplaceApproximation(beta_bernoulli)},
      {"IAF", AutoIAFNormal(beta_bernoulli, {.num_flows = 2})},
      {"BNAF", AutoBNAFNormal(beta_bernoulli, {.hidden = {8, 8}})},
      {"list", AutoGuideList(beta_bernoulli, {{{"p"}, AutoMultivariateNormal(beta_bernoulli)}})}};
  for (const auto& [name, guide] : guides) {
    const SVIOptions options{.num_steps = 3000, .loss = TraceELBO({.num_particles = 2})};
    const auto result = SVI(beta_bernoulli, guide, settling(0.03, 3000), options).run(Key(1), kFlips);
    const Tensor p = result.sample_posterior(Key(2), {4000}).at("p");
    EXPECT_EQ(p.shape(), (Shape{4000, 2}));
    const bool laplace = name == "Laplace";
    // Five standard errors of 4000 draws are 0.01; guides other than flows cannot be exact.
    expect_near(mean(p, 0), laplace ? mean_laplace : mean_exact, laplace ? 0.01 : 0.02, name);
    expect_near(stddev(p, 0), laplace ? sd_laplace : sd_exact, laplace ? 0.01 : 0.02, name);
  }
}

TEST(Guides, DeltaFindsTheModeInConstrainedSpace) {
  const auto result = SVI(beta_bernoulli, AutoDelta(beta_bernoulli), settling(0.05, 2000), {.num_steps = 2000}).run(Key(0), kFlips);
  expect_near(result.params.at("p_auto_loc"), Tensor{0.8, 0.4}, 1e-3);
  expect_near(result.median().at("p"), result.params.at("p_auto_loc"), 0.0);
  const Waiting truth;
  const auto waiting = SVI(Waiting::model, AutoDelta(Waiting::model), settling(0.05, 2000), {.num_steps = 2000}).run(Key(0), truth.y);
  EXPECT_NEAR(waiting.params.at("rate_auto_loc").item(), (truth.shape - 1) / truth.total_rate, 1e-3);
}

TEST(Guides, FullRankHasTheExactPosteriorOfARegression) {
  const Regression truth;
  const auto guide = AutoMultivariateNormal(Regression::model);
  const Values exact{{"auto_loc", truth.mean()}, {"auto_scale_tril", cholesky(truth.covariance())}};
  const SVI svi(Regression::model, guide, SGD(0.0), {.init_params = exact});
  for (int key = 0; key < 3; ++key)
    EXPECT_NEAR(svi.evaluate(svi.init(Key(key), truth.X, truth.y), truth.X, truth.y).item(), -truth.log_evidence(), 1e-12);

  for (const auto& [name, g] : std::vector<std::pair<std::string, Guide>>{
           {"full", guide}, {"low rank", AutoLowRankMultivariateNormal(Regression::model, {.rank = 1})}}) {
    const auto result = SVI(Regression::model, g, settling(0.05, 4000), {.num_steps = 4000, .loss = kPrecise})
                            .run(Key(0), truth.X, truth.y);
    const Distribution q = result.guide().get_posterior(result.params);
    expect_near(q.mean(), truth.mean(), 0.01, name);
    expect_near(result.quantiles({0.5}).at("b"), truth.mean(), 0.01, name);
    const Tensor z{{0.0, 0.0}, {1.0, -0.5}, {0.3, 1.2}};
    expect_near(q.log_prob(z), MultivariateNormal({.loc = truth.mean(), .covariance = truth.covariance()}).log_prob(z), 0.1, name);
  }
}

TEST(Guides, IndependentNormalsHaveTheConditionalVariances) {
  // The nearest product of normals to a normal of precision P has the variances 1 / P_ii.
  const Regression truth;
  const Tensor exact = rsqrt(diagonal(truth.precision()));
  const auto normal = SVI(Regression::model, AutoNormal(Regression::model), settling(0.05, 5000), {.num_steps = 5000, .loss = kPrecise}).run(Key(0), truth.X, truth.y);
  expect_near(normal.params.at("b_auto_loc"), truth.mean(), 0.02);
  expect_near(normal.params.at("b_auto_scale"), exact, 0.01);
  const auto diagonal = SVI(Regression::model, AutoDiagonalNormal(Regression::model), settling(0.05, 5000), {.num_steps = 5000, .loss = kPrecise}).run(Key(0), truth.X, truth.y);
  expect_near(diagonal.params.at("auto_loc"), truth.mean(), 0.02);
  expect_near(diagonal.params.at("auto_scale"), exact, 0.01);
}

TEST(Guides, LaplaceTakesTheHessianInUnconstrainedSpace) {
  // In z = log rate the density is exp(6 z - 5.8 e^z): its mode is log(6 / 5.8), its curvature 6.
  const Waiting truth;
  const auto result = SVI(Waiting::model, AutoLaplaceApproximation(Waiting::model), settling(0.1, 2000), {.num_steps = 2000}).run(Key(0), truth.y);
  const double mode = std::log(truth.shape / truth.total_rate), sd = 1 / std::sqrt(truth.shape);
  EXPECT_NEAR(result.params.at("auto_loc").item(), mode, 1e-6);
  const Distribution q = result.guide().get_posterior(result.params);
  EXPECT_NEAR(q.log_prob(Tensor{mode + 0.3}).item(), -0.5 * 0.09 * 6 - std::log(sd) - 0.5 * std::log(2 * M_PI), 1e-5);
  EXPECT_NEAR(result.median().at("rate").item(), std::exp(mode), 1e-5);
  EXPECT_NEAR(result.quantiles({0.975}).at("rate").item(), std::exp(mode + 1.959963984540054 * sd), 1e-5);
  const Fit fit = result.posterior(Key(1), 4000);
  EXPECT_NEAR(mean(log(fit["rate"])).item(), mode, 5 * sd / std::sqrt(4000.0));
  EXPECT_NEAR(stddev(log(fit["rate"])).item(), sd, 5 * sd / std::sqrt(8000.0));
  // A saddle has no Laplace approximation.
  const auto saddle = [] { Tensor x = sample("x", Normal(0.0, 1.0)); factor("f", square(x)); };
  EXPECT_SAYS(AutoLaplaceApproximation(saddle)().get_transform({{"auto_loc", zeros(1)}}), "is not positive definite");
}

TEST(Guides, QuantilesFollowTheTransform) {
  const Regression truth;
  const BoundGuide guide = AutoMultivariateNormal(Regression::model)(truth.X, truth.y);
  const Tensor L{{0.5, 0.0}, {0.3, 0.4}}, loc{1.0, -2.0};
  const Values params{{"auto_loc", loc}, {"auto_scale_tril", L}};
  const double z = 1.2815515655446004;
  const Tensor q = guide.quantiles(params, {0.1, 0.9}).at("b");
  expect_near(q, stack({loc - z * Tensor{0.5, 0.5}, loc + z * Tensor{0.5, 0.5}}), 1e-12);
  expect_near(guide.get_transform(params).forward(Tensor{1.0, 2.0}), Tensor{1.5, -2.0 + 0.3 + 0.8}, 1e-15);
  EXPECT_SAYS(guide.median({{"auto_loc", loc}}), "AutoMultivariateNormal: no param \"auto_scale_tril\" among those given");
  EXPECT_SAYS(guide.median({{"auto_loc", zeros(3)}, {"auto_scale_tril", L}}), "has shape [3], but the model's latent sites need [2]");
  EXPECT_SAYS(AutoIAFNormal(Regression::model)(truth.X, truth.y).median({}), "a quantile has no closed form");
}

TEST(Guides, SupportsMayDependOnOtherSites) {
  // b uniform on (0, a): in unconstrained space its bounds move with a.
  const auto model = [](double noise, const Observed& y) {
    Tensor a = sample("a", Gamma(5.0, 1.0));
    Tensor b = sample("b", Uniform(0.0, a));
    sample("y", Normal(b, noise), y);
  };
  for (const Guide& guide : std::vector<Guide>{AutoNormal(model), AutoMultivariateNormal(model)}) {
    const auto result = SVI(model, guide, settling(0.05, 3000), {.num_steps = 3000}).run(Key(0), 0.1, 1.5);
    const Values draws = result.sample_posterior(Key(1), {1000});
    EXPECT_TRUE(bool(all_of(draws.at("b") < draws.at("a"))));
    EXPECT_NEAR(mean(draws.at("b")).item(), 1.5, 0.03);
  }
  const auto delta = SVI(model, AutoDelta(model), settling(0.05, 2000), {.num_steps = 2000}).run(Key(0), 0.5, 1.5);
  // log density 4 log a - a - log a: the mode is a = 3, b = 1.5.
  EXPECT_NEAR(delta.median().at("a").item(), 3.0, 1e-2);
  EXPECT_NEAR(delta.median().at("b").item(), 1.5, 1e-2);
}

TEST(Guides, SitesInSubsampledPlatesHaveParamsForAllMembers) {
  // theta_i ~ Normal(0, 1), y_i ~ Normal(theta_i, 1): theta_i | y_i is Normal(y_i / 2, sd sqrt(1/2)).
  const auto model = [](const Tensor& y) {
    Plate rows("rows", 12, {.subsample_size = 4});
    Tensor theta = sample("theta", Normal(0.0, 1.0));
    sample("y", Normal(theta, 1.0), rows.take(Observed(y)));
  };
  const Tensor y = normal(Key(3), {12});
  const auto result = SVI(model, AutoNormal(model), settling(0.05, 5000), {.num_steps = 5000, .loss = kPrecise}).run(Key(0), y);
  expect_near(result.params.at("theta_auto_loc"), 0.5 * y, 0.03);
  expect_near(result.params.at("theta_auto_scale"), full({12}, std::sqrt(0.5)), 0.03);
  expect_near(result.median().at("theta"), result.params.at("theta_auto_loc"), 0.0);
  EXPECT_EQ(result.sample_posterior(Key(1), {7}).at("theta").shape(), (Shape{7, 12}));
  EXPECT_SAYS(SVI(model, AutoDiagonalNormal(model), Adam(0.1)).run(Key(0), y), "\"theta\" stands in a subsampled plate");
  const auto delta = SVI(model, AutoDelta(model), settling(0.05, 3000), {.num_steps = 3000}).run(Key(0), y);
  expect_near(delta.params.at("theta_auto_loc"), 0.5 * y, 0.01);
}

TEST(Guides, ListsDivideTheSites) {
  const auto model = [](const Tensor& X, const Observed& y) {
    Tensor b = sample("b", Normal(0.0, 1.0).expand({2}).to_event(1));
    Tensor s = sample("s", HalfNormal(1.0));
    Plate rows("rows", 4);
    sample("y", Normal(matmul(X, b), s), y);
  };
  const Regression data;
  const auto guide = AutoGuideList(model, {{{"b"}, AutoMultivariateNormal(model)}, {{"s"}, AutoDelta(model)}});
  const auto result = SVI(model, guide, settling(0.05, 4000), {.num_steps = 4000, .loss = kPrecise}).run(Key(0), data.X, data.y);
  // Given s the posterior of b is exact.
  const double s = result.params.at("1/s_auto_loc").item();
  const Tensor precision = eye(2) + matmul(transpose(data.X), data.X) / (s * s);
  const Tensor covariance = inv(precision);
  const Tensor L = result.params.at("0/auto_scale_tril");
  expect_near(matmul(L, transpose(L)), covariance, 0.1 * max(covariance).item());
  expect_near(result.params.at("0/auto_loc"), matmul(covariance, matmul(transpose(data.X), data.y)) / (s * s), 0.02);
  EXPECT_EQ(result.sample_posterior(Key(1), {3}).at("b").shape(), (Shape{3, 2}));
  expect_near(result.median().at("b"), result.params.at("0/auto_loc"), 0.0);
  EXPECT_NEAR(result.median().at("s").item(), s, 1e-12);
  EXPECT_SAYS(AutoGuideList(model, {{{"b"}, AutoNormal(model)}})(data.X, data.y).statements().run(), "no part has the latent site \"s\"");
  EXPECT_SAYS(AutoGuideList(model, {{{"b", "s", "t"}, AutoNormal(model)}})(data.X, data.y).statements().run(), "the model has no latent site \"t\"");
}

TEST(Guides, MissingObservationsAreLatent) {
  const auto model = [](const Observed& y) {
    Tensor mu = sample("mu", Normal(0.0, 10.0));
    Plate rows("rows", 4);
    sample("y", Normal(mu, 1.0), y);
  };
  const auto result = SVI(model, AutoNormal(model), settling(0.05, 4000), {.num_steps = 4000}).run(Key(0), Tensor{1.0, NAN, 3.0, 2.0});
  EXPECT_NEAR(result.params.at("mu_auto_loc").item(), 6.0 / 3.01, 0.03);
  EXPECT_NEAR(result.params.at("y_missing_auto_loc").item(), 6.0 / 3.01, 0.05);
  // Data with NaN in another place are another program, not the first one with its places.
  const SVI svi(model, AutoNormal(model), Adam(0.1)), fresh(model, AutoNormal(model), Adam(0.1));
  const Tensor first{1.0, NAN, 3.0, 2.0}, second{1.0, 7.0, 3.0, NAN};
  const auto state = svi.init(Key(0), first);
  EXPECT_TRUE(std::isfinite(svi.evaluate(state, first).item()));
  EXPECT_EQ(svi.evaluate(state, second).item(), fresh.evaluate(state, second).item());
  EXPECT_NE(svi.evaluate(state, second).item(), svi.evaluate(state, first).item());
}

TEST(Guides, SitesInScansAreSites) {
  // x_1 ~ Normal(0, 1), x_t ~ Normal(x_{t-1}, 1), y_t ~ Normal(x_t, 1): all normal.
  const auto model = [](const Observed& y) {
    Tensor last = scan(Tensor(0.0), 3, [](const Tensor& before, const Tensor&) {
      Tensor x = sample("x", Normal(before, 1.0));
      return std::pair(x, x);
    }).second;
    Plate times("times", 3);
    sample("y", Normal(last, 1.0), y);
  };
  const Tensor y{0.5, -1.0, 2.0}, difference{{1.0, 0.0, 0.0}, {-1.0, 1.0, 0.0}, {0.0, -1.0, 1.0}};
  const Tensor covariance = inv(eye(3) + matmul(transpose(difference), difference));
  const double evidence = MultivariateNormal({.covariance = eye(3) + inv(matmul(transpose(difference), difference))}).log_prob(y).item();
  const SVI svi(model, AutoMultivariateNormal(model), SGD(0.0),
                {.init_params = {{"auto_loc", matmul(covariance, y)}, {"auto_scale_tril", cholesky(covariance)}}});
  EXPECT_NEAR(svi.evaluate(svi.init(Key(0), y), y).item(), -evidence, 1e-12);
  const auto fitted = SVI(model, AutoNormal(model), settling(0.05, 3000), {.num_steps = 3000, .loss = kPrecise}).run(Key(0), y);
  expect_near(fitted.params.at("x_auto_loc"), matmul(covariance, y), 0.01);
}

TEST(Guides, SumsOverDiscreteSitesAreModelsToo) {
  // z in {0, 1} with x ~ Normal(-1 or 1, 1) given it, y ~ Normal(x, 1).
  const auto mixture = [](const Observed& y) {
    Tensor z = sample("z", Bernoulli(0.3));
    Tensor x = sample("x", Normal(select(z == 1, 1.0, -1.0), 1.0));
    sample("y", Normal(x, 1.0), y);
  };
  const Model model = marginalize(Model(mixture), {"z"});
  const SVI svi(model, AutoNormal(model), SGD(0.0), {.init_params = {{"x_auto_loc", 0.4}, {"x_auto_scale", 0.5}}});
  const BoundGuide guide = AutoNormal(model)(Tensor(0.2));
  const double point = guide.log_density()(Tensor{0.4}).item();
  const auto normal = [](double x, double m) { return std::exp(-0.5 * (x - m) * (x - m)) / std::sqrt(2 * M_PI); };
  EXPECT_NEAR(point, std::log((0.3 * normal(0.4, 1.0) + 0.7 * normal(0.4, -1.0)) * normal(0.2, 0.4)), 1e-12);
  const auto result = SVI(model, AutoNormal(model), settling(0.05, 2000), {.num_steps = 2000, .loss = TraceELBO({.num_particles = 8})}).run(Key(0), Tensor(0.2));
  // Posterior mean by quadrature.
  double total = 0, first = 0;
  for (double x = -9; x < 9; x += 1e-3) {
    const double p = (0.3 * normal(x, 1.0) + 0.7 * normal(x, -1.0)) * normal(0.2, x);
    total += p;
    first += x * p;
  }
  EXPECT_NEAR(result.params.at("x_auto_loc").item(), first / total, 0.05);
}

TEST(Guides, StartWhereTheyAreTold) {
  const Regression data;
  const Tensor start{0.7, -0.2};
  const SVI svi(Regression::model, AutoNormal(Regression::model, {.init = init_to_value({{"b", start}}), .init_scale = 0.25}), Adam(0.1));
  const auto result = svi.result(svi.init(Key(0), data.X, data.y));
  expect_near(result.params.at("b_auto_loc"), start, 0.0);
  expect_near(result.params.at("b_auto_scale"), full({2}, 0.25), 1e-15);
  const auto impossible = [] { factor("never", sample("x", Normal(0.0, 1.0)) * -INFINITY); };
  EXPECT_SAYS(SVI(impossible, AutoNormal(impossible), Adam(0.1)).run(Key(0)), "found no starting point with a finite log density");
}
