// First models and regression, as a user writes them.
#include <cmath>

#include <gtest/gtest.h>
#include <nuthatch/nuthatch.h>
using namespace nuthatch;

namespace {
/// A mean of draws against a known value, in Monte Carlo standard errors.
void expect_mean(const Tensor& draws, double expected) {
  EXPECT_NEAR(mean(draws).item(), expected, 5 * mcse_mean(draws).item());
}
}  // namespace

// ---- a coin ----

void coin(const Tensor& flips, const Observed& heads) {
  Tensor p = sample("p", Beta(2.0, 2.0));
  sample("heads", Binomial(flips, p), heads);
}

TEST(Regression, CoinFlip) {
  auto fit = MCMC(NUTS(coin), {.num_warmup = 1000, .num_samples = 4000, .num_chains = 2}).run(Key(42), 50, 15);
  fit.print_summary({.var_names = {"p"}});
  Tensor p = fit["p"];
  print("P(heads) = {:.3f}, HDI {}, ETI {}\n", mean(p), hdi(p, 0.94), quantile(p, Tensor{0.03, 0.97}));

  // The exact posterior is Beta(17, 37).
  expect_mean(fit.posterior["p"], 17.0 / 54.0);
  EXPECT_NEAR(stddev(p).item(), 0.0626, 0.003);
  EXPECT_NEAR(hdi(p, 0.94)[0].item(), 0.199, 0.012);
  EXPECT_NEAR(hdi(p, 0.94)[1].item(), 0.433, 0.012);
  const std::string table = to_string(fit.summary({.var_names = {"p"}}));
  for (const char* column : {"mean", "sd", "hdi_3%", "hdi_97%", "mcse_mean", "mcse_sd", "ess_bulk", "ess_tail", "r_hat"})
    EXPECT_NE(table.find(column), std::string::npos) << table;
}

// ---- an A/B test ----

void conversions(const Tensor& n, const Observed& converted) {
  Plate arms("arm", {"control", "treatment"});
  Tensor p = sample("p", Beta(1.0, 1.0));
  deterministic("diff", p[1] - p[0]);
  deterministic("lift", (p[1] - p[0]) / p[0]);
  sample("converted", Binomial(n, p), converted);
}

TEST(Regression, AbTestWithADecision) {
  Tensor variant = concat({zeros(1000), ones(1200)}).cast(i64);
  Tensor purchased = concat({ones(45), zeros(955), ones(72), zeros(1128)});
  Tensor n = bincount(variant, 2), bought = segment_sum(purchased, variant, 2);   // [1000 1200], [45 72]
  auto fit = MCMC(NUTS(conversions), {.num_samples = 10000}).run(Key(42), n, bought);
  Tensor lift = fit["lift"];
  print("P(treatment > control) = {:.3f}\n", mean(fit["diff"] > 0.0));
  print("P(lift > 10%)          = {:.3f}\n", mean(lift > 0.10));
  print("expected lift          = {:.3f}, 94% {}\n", mean(lift), hdi(lift));
  const double minimum_effect = 0.05, threshold = 0.90;
  bool ship = mean(lift > minimum_effect).item() >= threshold;
  print("{}\n", ship ? "SHIP" : "DO NOT SHIP");

  EXPECT_EQ(n.to_vector(), (std::vector<double>{1000, 1200}));
  EXPECT_EQ(bought.to_vector(), (std::vector<double>{45, 72}));
  EXPECT_NEAR(mean(fit["diff"] > 0.0).item(), 0.940, 0.008);
  EXPECT_NEAR(mean(lift > 0.10).item(), 0.847, 0.012);
  EXPECT_NEAR(mean(lift).item(), 0.351, 0.009);
  // The exact probability, 0.9001, lies on the threshold by chance: the decision itself is a matter of the key.
  EXPECT_NEAR(mean(lift > minimum_effect).item(), 0.9001, 0.010);
}

// ---- a line with uncertainty bands ----

void line(const Tensor& x, const Observed& y) {
  Tensor a = sample("intercept", Normal(0.0, 5.0));
  Tensor b = sample("slope", Normal(0.0, 5.0));
  Tensor sigma = sample("sigma", HalfNormal(2.0));
  Plate rows("obs", x.size());
  Tensor mu = deterministic("mu", a + b * x);
  sample("y", Normal(mu, sigma), y);
}

TEST(Regression, LinearWithPredictions) {
  auto [kx, ke, kfit, kpred] = split<4>(Key(42));
  Tensor x = normal(kx, {100}), y = 2.5 * x + 1.0 + 0.8 * normal(ke, {100});
  auto fit = MCMC(NUTS(line), {.num_samples = 4000}).run(kfit, x, y);
  Tensor grid = linspace(-3.0, 3.0, 100);
  auto pred = Predictive(line, fit, {.group = "predictions"})(kpred, grid);     // y not passed: predicted

  EXPECT_NEAR(mean(fit["slope"]).item(), 2.5, 0.3);
  EXPECT_NEAR(mean(fit["intercept"]).item(), 1.0, 0.3);
  // Deterministics are evaluated at the new arguments; the band of predictions is wider than that of the mean.
  EXPECT_EQ(pred["y"].shape(), (Shape{16000, 100}));
  const Tensor mean_at_end = mean(pred["mu"](all, -1));
  EXPECT_NEAR(mean_at_end.item(), (mean(fit["intercept"]) + 3.0 * mean(fit["slope"])).item(), 1e-10);
  const Tensor sd_mu = stddev(pred["mu"], 0), sd_y = stddev(pred["y"], 0);
  EXPECT_TRUE(all_of(sd_y > 2.0 * sd_mu).item<bool>());
  auto other = Predictive(line, fit)(kpred, linspace(0.0, 1.0, 7));  // another length
  EXPECT_EQ(other["y"].shape(), (Shape{16000, 7}));
}

// ---- several predictors ----

void regression(const Tensor& X, const Labels& features, const Observed& y) {
  Tensor a = sample("a", Normal(0.0, 0.2));
  Tensor b = plate("feature", features, [&] { return sample("b", Normal(0.0, 0.5)); });
  Tensor sigma = sample("sigma", Exponential(1.0));
  Plate rows("state", X.size(0));
  sample("y", Normal(a + matmul(X, b), sigma), y);
}

TEST(Regression, MaskedConfounder) {
  // Age moves both the rate of marriage and that of divorce.
  Tensor age = standardize(normal(Key(1), {50}));
  Tensor rate = standardize(-0.7 * age + 0.7 * normal(Key(2), {50}));
  Tensor divorce = standardize(-0.6 * age + 0.8 * normal(Key(3), {50}));
  auto mcmc = MCMC(NUTS(regression), {.num_chains = 4, .log_likelihood = true});
  auto [k1, k2] = split<2>(Key(5));
  auto only_rate = mcmc.run(k1, reshape(rate, {-1, 1}), Labels{"marriage"}, divorce);
  auto both = mcmc.run(k2, stack({age, rate}, 1), Labels{"age", "marriage"}, divorce);
  both.print_summary({.var_names = {"~sigma"}, .prob = 0.89, .kind = "stats", .round_to = 2});
  print("{}\n", compare({{"rate", only_rate}, {"age + rate", both}}));
  auto [X, y] = std::pair{stack({age, rate}, 1), divorce};
  Tensor residual = y - mean(Predictive(regression, both)(Key(6), X, Labels{"age", "marriage"})["y"], 0);

  const std::string table = to_string(both.summary({.var_names = {"~sigma"}, .prob = 0.89, .kind = "stats", .round_to = 2}));
  EXPECT_NE(table.find("b[age]"), std::string::npos) << table;
  EXPECT_NE(table.find("b[marriage]"), std::string::npos) << table;
  EXPECT_EQ(table.find("sigma"), std::string::npos) << table;
  EXPECT_GT(mean(only_rate["b"]).item(), 0.2);                    // alone it seems to matter
  EXPECT_LT(std::abs(mean(both["b"](all, 1)).item()), 0.2);       // with age it does not
  EXPECT_LT(mean(both["b"](all, 0)).item(), -0.4);
  EXPECT_LT(mean(square(residual)).item(), 1.0);
}

// ---- a polynomial ----

void height_curve(const Tensor& w, const Observed& height) {
  Tensor a  = sample("a", Normal(178.0, 100.0));
  Tensor b1 = sample("b1", LogNormal(0.0, 1.0));       // growth is positive
  Tensor b2 = sample("b2", Normal(0.0, 1.0));
  Tensor sigma = sample("sigma", Uniform(0.0, 50.0));
  Plate people("person", w.size());
  Tensor mu = deterministic("mu", a + b1 * w + b2 * square(w));
  sample("height", Normal(mu, sigma), height);
}

TEST(Regression, Polynomial) {
  Tensor w = standardize(10.0 * normal(Key(1), {150}) + 40.0);
  Tensor h = 146.0 + 21.0 * w - 2.0 * square(w) + 5.0 * normal(Key(2), {150});
  auto fit = MCMC(NUTS(height_curve)).run(Key(4), w, h);
  fit.print_summary({.var_names = {"~mu"}, .prob = 0.89, .kind = "stats"});
  Tensor grid = linspace(-2.2, 2.0, 60);
  auto at_grid = Predictive(height_curve, fit)(Key(5), grid);

  EXPECT_NEAR(mean(fit["a"]).item(), 146.0, 2.5);
  EXPECT_NEAR(mean(fit["b1"]).item(), 21.0, 2.0);
  EXPECT_NEAR(mean(fit["sigma"]).item(), 5.0, 1.2);
  EXPECT_TRUE(all_of(stddev(at_grid["height"], 0) > stddev(at_grid["mu"], 0)).item<bool>());
}

// ---- categories by index ----

void terrain(const Tensor& continent, const Labels& names, const Tensor& x, const Observed& y) {
  auto [a, b] = plate("continent", names, [&] {
    return std::pair{sample("a", Normal(1.0, 0.2)), sample("b", Normal(0.0, 0.3))};
  });
  Tensor sigma = sample("sigma", Exponential(1.0));
  Plate nations("nation", x.size());
  sample("y", Normal(a[continent] + b[continent] * (x - mean(x)), sigma), y);
}

TEST(Regression, CategoriesByIndex) {
  Tensor continent = arange(120) % 2;
  Tensor rugged = uniform(Key(1), {120});
  Tensor log_gdp = 1.0 + select(continent == 0, 0.4, -0.3) * (rugged - mean(rugged)) + 0.1 * normal(Key(2), {120});
  Labels names{"Africa", "Europe"};
  auto fit = MCMC(NUTS(terrain)).run(Key(8), continent, names, rugged, log_gdp);
  Tensor contrast = fit.posterior["b"].at("continent", "Africa") - fit.posterior["b"].at("continent", "Europe");
  print("P(slope in Africa > slope in Europe) = {:.3f}\n", mean(contrast > 0.0));

  EXPECT_GT(mean(contrast > 0.0).item(), 0.99);
  EXPECT_NEAR(mean(contrast).item(), 0.7, 0.3);
}

// ---- logistic regression ----

void logistic(const Tensor& X, const Observed& y) {
  Tensor a = sample("intercept", Normal(0.0, 2.5));
  Tensor b = plate("feature", X.size(1), [&] { return sample("slopes", Normal(0.0, 2.5)); });
  Plate rows("obs", X.size(0));
  Tensor eta = a + matmul(X, b);
  deterministic("p", sigmoid(eta));
  sample("y", Bernoulli({.logits = eta}), y);
}

TEST(Regression, LogisticWithOddsRatios) {
  Tensor X = normal(Key(1), {400, 3});
  Tensor y = bernoulli(Key(2), sigmoid(matmul(X, Tensor{1.0, 0.0, -0.5}) - 0.5));
  auto fit = MCMC(NUTS(logistic), {.exclude = {"p"}}).run(Key(1), X, y);       // do not store p: N x draws
  Tensor odds = exp(fit["slopes"]);
  for (int i : {0, 1, 2}) print("feature {}: OR {:.2f} {}\n", i, mean(odds(all, i)), hdi(odds(all, i)));
  // A prior with 95 % of its mass between odds ratios 1/5 and 5:
  auto prior = find_constrained_prior([](Tensor s) { return Normal(0.0, s); }, 1.0, -log(5.0), log(5.0), 0.95);
  print("suggested slope prior: sd {:.2f}\n", prior.stddev());

  EXPECT_FALSE(fit.posterior.contains("p"));
  EXPECT_NEAR(mean(fit["slopes"](all, 0)).item(), 1.0, 0.6);
  EXPECT_NEAR(mean(fit["slopes"](all, 1)).item(), 0.0, 0.5);
  EXPECT_NEAR(prior.stddev().item(), std::log(5.0) / 1.959963984540054, 1e-6);
  EXPECT_EQ(Predictive(logistic, fit)(Key(2), X)["p"].shape(), (Shape{4000, 400}));  // computed later from the draws
}

// ---- counts ----

enum class Family { poisson, negative_binomial, zero_inflated };
void counts(const Tensor& X, const Tensor& exposure, Family family, const Observed& y) {
  Tensor a = sample("intercept", Normal(0.0, 2.0));
  Tensor b = plate("feature", X.size(1), [&] { return sample("slopes", Normal(0.0, 1.0)); });
  Tensor rate = exposure * exp(a + matmul(X, b));
  Distribution likelihood = Poisson(rate);
  if (family == Family::negative_binomial)
    likelihood = NegativeBinomial({.mean = rate, .concentration = sample("concentration", Gamma(2.0, 0.1))});
  if (family == Family::zero_inflated)
    likelihood = ZeroInflated(Poisson(rate), sample("gate", Beta(1.0, 3.0)));
  Plate rows("obs", X.size(0));
  sample("y", likelihood, y);
}

TEST(Regression, CountsOfThreeFamilies) {
  Tensor X = normal(Key(1), {200, 2}), years = 1.0 + uniform(Key(2), {200});
  Tensor y = NegativeBinomial({.mean = years * exp(0.5 + matmul(X, Tensor{0.4, -0.3})), .concentration = 1.5}).sample(Key(3));
  std::map<std::string, InferenceData> fits;
  for (auto [label, family] : {std::pair{"Poisson", Family::poisson}, {"NegBin", Family::negative_binomial},
                               {"ZIP", Family::zero_inflated}})
    fits.emplace(label, MCMC(NUTS(counts), {.log_likelihood = true}).run(Key(2), X, years, family, y));
  Comparison table = compare(fits);
  print("rate ratios {}\n{}\n", mean(exp(fits.at("NegBin")["slopes"]), 0), table);

  EXPECT_EQ(table.index(0), "NegBin");
  EXPECT_NEAR(mean(fits.at("NegBin")["slopes"](all, 0)).item(), 0.4, 0.35);
  EXPECT_TRUE(fits.at("ZIP").posterior.contains("gate"));
  EXPECT_FALSE(fits.at("Poisson").posterior.contains("gate"));
  auto hurdle = Hurdle(Poisson(2.0), 0.3);
  EXPECT_NEAR(hurdle.log_prob(0.0).item(), std::log(0.3), 1e-14);
}
