// Hierarchical models, as a user writes them.
#include <cmath>

#include <gtest/gtest.h>
#include <nuthatch/nuthatch.h>
using namespace nuthatch;

namespace {
/// A mean of draws (chain, draw) against a known value, in Monte Carlo standard errors.
void expect_mean(const Tensor& draws, double expected) {
  EXPECT_NEAR(mean(draws).item(), expected, 5 * mcse_mean(draws).item());
}
}  // namespace

// ---- a multi-centre trial ----

void trial(const Tensor& centre, int centres, const Tensor& treated, const Tensor& age, const Tensor& severity,
           const Observed& outcome) {
  Tensor mu_a = sample("mu_alpha", Normal(0.0, 20.0)), sd_a = sample("sigma_alpha", HalfNormal(10.0));
  Tensor mu_t = sample("mu_treatment", Normal(5.0, 10.0)), sd_t = sample("sigma_treatment", HalfNormal(5.0));
  auto [alpha, effect] = plate("centre", centres, [&] {
    return std::pair{sample("alpha", Normal(mu_a, sd_a)), sample("treatment", Normal(mu_t, sd_t))};
  });
  Tensor b_age = sample("beta_age", Normal(0.0, 1.0)), b_sev = sample("beta_severity", Normal(0.0, 1.0));
  Tensor sigma = sample("sigma", HalfNormal(10.0));
  Tensor mu = alpha[centre] + effect[centre] * treated + b_age * age + b_sev * severity;
  Plate patients("patient", treated.size());
  sample("outcome", Normal(mu, sigma), outcome);
}

TEST(Hierarchical, MultiCentreTrial) {
  Tensor c = repeat(arange(10), 50), t = (arange(500) % 2).cast(f64);
  Tensor age = normal(Key(1), {500}), sev = normal(Key(2), {500});
  Tensor y = (20.0 + 3.0 * normal(Key(3), {10}))[c] + (5.0 + normal(Key(4), {10}))[c] * t + 0.5 * age - 0.8 * sev + 4.0 * normal(Key(5), {500});
  auto model = reparam(trial, {{"alpha", LocScaleReparam(0.0)}, {"treatment", LocScaleReparam(0.0)}});
  auto [k_fit, k_ppc, k_new] = split<3>(Key(0));
  auto fit = MCMC(NUTS(model, {.target_accept_prob = 0.9}), {.num_warmup = 1500, .num_samples = 3000})
                 .run(k_fit, c, 10, t, age, sev, y);
  fit.print_summary({.prob = 0.95});
  Diagnosis ok = fit.diagnose();                                     // R-hat, ESS, divergences, tree depth, BFMI
  for (const auto& message : ok.messages) print("warning: {}\n", message);
  Tensor mu_t = fit["mu_treatment"];
  print("treatment {:.2f} sd {:.2f} {}, P(> 0) = {:.3f}\n", mean(mu_t), stddev(mu_t),
        quantile(mu_t, Tensor{0.025, 0.975}), mean(mu_t > 0.0));
  fit.extend(Predictive(model, fit)(k_ppc, c, 10, t, age, sev));
  print("observed mean {:.2f} sd {:.2f}; predicted {:.2f} {:.2f}\n", mean(y), stddev(y),
        mean(fit["outcome"]), mean(stddev(fit["outcome"], 1)));
  auto patient = Predictive(model, fit)(k_new, Tensor{0}, 10, Tensor{1.0}, Tensor{65.0}, Tensor{55.0});
  print("new patient: {:.2f} {}\n", mean(patient["outcome"]), quantile(patient["outcome"], Tensor{0.025, 0.975}));
  print("compile {:.3f} s, sampling {:.3f} s\n", fit.timing().compile.count(), fit.timing().sampling.count());

  EXPECT_LT(ok.max_r_hat, 1.01);
  EXPECT_LT(ok.divergences, 20);
  EXPECT_NEAR(mean(mu_t).item(), 5.0, 2.0);
  EXPECT_GT(mean(mu_t > 0.0).item(), 0.99);
  EXPECT_NEAR(mean(fit["sigma"]).item(), 4.0, 0.5);
  EXPECT_TRUE(fit.posterior_predictive.contains("outcome"));
  EXPECT_TRUE(fit.observed_data.contains("outcome"));
  EXPECT_NEAR(mean(fit["outcome"]).item(), mean(y).item(), 0.2);
  EXPECT_NEAR(mean(stddev(fit["outcome"], 1)).item(), stddev(y).item(), 0.3);
  EXPECT_EQ(patient["outcome"].shape(), (Shape{12000, 1}));
  EXPECT_EQ(log_density(model, c, 10, t, age, sev, y).dim(), 27);
}

// ---- centred, non-centred ----

void groups(const Tensor& g, int n, const Observed& y) {
  Tensor mu = sample("mu", Normal(0.0, 10.0)), tau = sample("tau", HalfNormal(5.0));
  Tensor sigma = sample("sigma", HalfNormal(5.0));
  Tensor theta = plate("group", n, [&] { return sample("theta", Normal(mu, tau)); });
  Plate rows("obs", g.size());
  sample("y", Normal(theta[g], sigma), y);
}

TEST(Hierarchical, CentredAndNot) {
  Tensor g = repeat(arange(20), 30);
  auto truth = seed(condition(groups, {{"mu", 5.0}, {"tau", 0.5}, {"sigma", 2.0}}), Key(123));
  Tensor y = trace(truth)(g, 20)["y"].value;                     // simulate from the model itself
  auto options = MCMCOptions{.num_warmup = 1000, .num_samples = 2000, .num_chains = 4};
  auto centred  = MCMC(NUTS(groups), options).run(Key(0), g, 20, y);
  auto offset   = reparam(groups, {{"theta", LocScaleReparam(0.0)}});
  auto learned  = reparam_automatically(groups);                 // centredness per site, by a pilot run
  for (auto& [name, fit] : {std::pair{"centred", centred}, {"non-centred", MCMC(NUTS(offset), options).run(Key(0), g, 20, y)},
                            {"automatic", MCMC(NUTS(learned), options).run(Key(0), g, 20, y)}}) {
    Diagnosis d = fit.diagnose();
    print("{:12}: divergences {}, max R-hat {:.3f}, min ESS {:.0f}, BFMI {:.2f}, {:.0f} draws/s\n", name,
          d.divergences, d.max_r_hat, d.min_ess_bulk, d.min_bfmi, 8000 / fit.timing().sampling.count());
    EXPECT_NEAR(mean(fit["mu"]).item(), 5.0, 0.6);
    EXPECT_NEAR(mean(fit["sigma"]).item(), 2.0, 0.25);
    EXPECT_TRUE(fit.posterior.contains("theta"));
    EXPECT_LT(d.max_r_hat, 1.05);
    EXPECT_LT(d.divergences, 200);
  }
}

// ---- eight schools ----

void eight_schools(const Tensor& sigma, const Observed& y) {
  Tensor mu  = sample("mu", Normal(0.0, 5.0));
  Tensor tau = sample("tau", HalfCauchy(5.0));
  Plate schools("school", {"Choate", "Deerfield", "Andover", "Exeter", "Hotchkiss", "Lawrenceville", "Paul's", "Hermon"});
  Tensor theta = sample("theta", Normal(mu, tau));
  sample("y", Normal(theta, sigma), y);
}

TEST(Hierarchical, EightSchools) {
  Tensor y{28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0}, sigma{15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0};
  auto model = reparam(eight_schools, {{"theta", LocScaleReparam(0.0)}});
  auto fit = MCMC(NUTS(model)).run(Key(0), sigma, y);
  fit.print_summary();

  // By quadrature over tau.
  expect_mean(fit.posterior["mu"], 4.397);
  expect_mean(fit.posterior["tau"], 3.598);
  expect_mean(fit.posterior["theta"].at("school", "Choate"), 6.212);
}

// ---- nested data, correlated slopes ----

void scores(const Tensor& school, const Labels& schools, const Tensor& hours, const Observed& score) {
  Tensor mu = sample("mu", Normal(Tensor{60.0, 2.0}, Tensor{20.0, 2.0}).to_event());
  CovFactor cov = lkj_covariance("cov", 2, 2.0, Exponential(0.1));       // scale_tril, correlation, scales
  Tensor z = plate("school", schools, [&] {
    return sample("effects", MultivariateNormal({.loc = mu, .scale_tril = cov.scale_tril}));
  });
  Tensor sigma = sample("sigma", HalfNormal(5.0));
  Plate students("student", hours.size());
  sample("score", Normal(z(school, 0) + z(school, 1) * hours, sigma), score);
}

TEST(Hierarchical, CorrelatedSlopes) {
  Labels names;
  for (int i = 0; i < 12; ++i) names.push_back("school " + std::to_string(i));
  Tensor school = arange(180) % 12, hours = uniform(Key(1), {180}, 0.0, 10.0);
  Tensor effects = Tensor{60.0, 2.0} + matmul(normal(Key(2), {12, 2}), Tensor{{5.0, 0.5}, {0.0, 0.4}});
  Tensor score = effects(school, 0) + effects(school, 1) * hours + 3.0 * normal(Key(3), {180});
  auto model = reparam(scores, {{"effects", TransformReparam()}});
  auto fit = MCMC(NUTS(model, {.target_accept_prob = 0.9})).run(Key(3), school, names, hours, score);
  fit.print_summary({.var_names = {"mu", "cov_correlation", "sigma"}});

  EXPECT_NEAR(mean(fit["mu"](all, 0)).item(), 60.0, 6.0);
  EXPECT_NEAR(mean(fit["mu"](all, 1)).item(), 2.0, 1.0);
  EXPECT_NEAR(mean(fit["sigma"]).item(), 3.0, 0.6);
  EXPECT_EQ(fit["effects"].shape(), (Shape{4000, 12, 2}));
  const Tensor r = fit["cov_correlation"](all, 0, 1);
  EXPECT_TRUE(all_of(abs(r) < 1.0).item<bool>());
  // scale_tril scale_tril^T has these correlations and scales.
  const Tensor L = fit["cov_scale_tril"], S = matmul(L, transpose(L, {0, 2, 1})), s = fit["cov_scales"];
  EXPECT_LT(max(abs(S(all, 0, 1) - r * s(all, 0) * s(all, 1))).item(), 1e-10);
}

// ---- hierarchical logistic regression ----

void hierarchical_logistic(const Tensor& group, int groups, const Tensor& X, const Observed& y) {
  Tensor mu_a = sample("mu_alpha", Normal(0.0, 5.0)), sd_a = sample("sigma_alpha", HalfNormal(3.0));
  Tensor alpha = plate("group", groups, [&] { return sample("alpha", Normal(mu_a, sd_a)); });
  auto slopes = [&] {
    Plate features("feature", X.size(1));                       // dim -1
    Tensor mu_b = sample("mu_beta", Normal(0.0, 5.0)), sd_b = sample("sigma_beta", HalfNormal(3.0));
    Plate members("group", groups);                             // dim -2: beta is (groups, features)
    return sample("beta", Normal(mu_b, sd_b));
  };
  Tensor beta = slopes();
  Plate rows("obs", X.size(0));
  sample("y", Bernoulli({.logits = alpha[group] + sum(X * beta[group], -1)}), y);
}

TEST(Hierarchical, Logistic) {
  auto [kx, kd, kf] = split<3>(Key(42));
  Tensor group = repeat(arange(5), 40), X = normal(kx, {200, 2});
  auto simulate = seed(condition(hierarchical_logistic, {{"mu_alpha", 0.5}, {"mu_beta", Tensor{1.0, -0.5}}}), kd);
  auto world = trace(simulate)(group, 5, X);
  auto model = reparam(hierarchical_logistic, {{"alpha", LocScaleReparam()}, {"beta", LocScaleReparam()}});
  auto fit = MCMC(NUTS(model)).run(kf, group, 5, X, world["y"].value);

  EXPECT_EQ(world["beta"].value.shape(), (Shape{5, 2}));
  EXPECT_EQ(fit.posterior["beta"].dims(), (std::vector<std::string>{"chain", "draw", "group", "feature"}));
  EXPECT_LT(fit.diagnose().max_r_hat, 1.1);
  const Tensor error = mean(fit["alpha"], 0) - world["alpha"].value;
  const Tensor sd = stddev(fit["alpha"], 0);
  EXPECT_TRUE(all_of(abs(error) < 4.0 * sd).item<bool>());
}

// ---- meta-analysis ----

void meta(const Tensor& se, const Labels& studies, const Observed& y) {
  Tensor mu = sample("mu", Normal(0.0, 1.0)), tau = sample("tau", HalfCauchy(0.5));
  deterministic("I2", square(tau) / (square(tau) + mean(square(se))));
  Plate study("study", studies);
  Tensor theta = sample("theta", Normal(mu, tau));
  sample("y", Normal(theta, se), y);
}

TEST(Hierarchical, MetaAnalysis) {
  Labels studies{"A", "B", "C", "D", "E", "F"};
  Tensor effect{0.10, 0.35, -0.05, 0.42, 0.20, 0.27}, se{0.12, 0.15, 0.20, 0.18, 0.10, 0.22};
  auto model = reparam(meta, {{"theta", LocScaleReparam(0.0)}});
  auto fit = MCMC(NUTS(model, {.target_accept_prob = 0.95}), {.num_samples = 2000}).run(Key(9), se, studies, effect);
  fit.print_summary({.var_names = {"mu", "tau", "I2"}});
  print("{}\n", prior_sensitivity(fit));                  // power-scaling of prior and likelihood

  // theta and mu integrated out: a density of tau alone, summed on a grid.
  double norm = 0, sum_tau = 0, sum_mu = 0;
  for (double log_tau = -14; log_tau < 5; log_tau += 0.002) {
    const double tau = std::exp(log_tau);
    double precision = 1, weighted = 0, log_p = 0;  // the prior of mu is N(0, 1)
    for (int i = 0; i < 6; ++i) {
      const double v = tau * tau + std::pow(se[i].item(), 2);
      precision += 1 / v, weighted += effect[i].item() / v;
      log_p += -0.5 * std::log(v) - 0.5 * std::pow(effect[i].item(), 2) / v;
    }
    log_p += -0.5 * std::log(precision) + 0.5 * weighted * weighted / precision;
    const double weight = std::exp(log_p) / (1 + tau * tau / 0.25) * tau;
    norm += weight, sum_tau += weight * tau, sum_mu += weight * weighted / precision;
  }
  expect_mean(fit.posterior["tau"], sum_tau / norm);
  expect_mean(fit.posterior["mu"], sum_mu / norm);
  const auto sensitivity = prior_sensitivity(fit, {.var_names = {"mu", "tau"}});
  ASSERT_EQ(sensitivity.size(), 2u);
  EXPECT_LT(sensitivity[0].prior, 0.05);  // six studies say more of mu than N(0, 1)
}

// ---- a geo experiment ----

void geo(const Tensor& region, const Labels& regions, const Tensor& treated, double scale, const Observed& y) {
  Tensor base = sample("mu_baseline", Normal(0.0, scale)), tau = sample("tau_region", HalfNormal(scale));
  Tensor shift = plate("region", regions, [&] { return sample("region_effect", Normal(0.0, tau)); });
  Tensor effect = sample("treatment_effect", Normal(0.0, scale));
  Tensor sigma = sample("sigma", HalfNormal(scale));
  Plate stores("store", treated.size());
  sample("revenue", Normal(base + shift[region] + effect * treated, sigma), y);
}

TEST(Hierarchical, GeoExperiment) {
  Labels names{"north", "east", "south", "west", "centre"};
  Tensor region = arange(200) % 5, treated = (arange(200) / 5 % 2 == 0).cast(f64);
  Tensor revenue = 100.0 + (4.0 * normal(Key(1), {5}))[region] + 3.0 * treated + 5.0 * normal(Key(2), {200});
  Tensor y = revenue - mean(revenue);
  auto model = reparam(geo, {{"region_effect", LocScaleReparam(0.0)}});
  auto fit = MCMC(NUTS(model)).run(Key(42), region, names, treated, stddev(y).item(), y);
  Tensor e = fit["treatment_effect"];
  print("effect {:.3f} sd {:.3f}, P(> 0) = {:.3f}, 94% {}\n", mean(e), stddev(e), mean(e > 0.0), hdi(e));

  EXPECT_NEAR(mean(e).item(), 3.0, 3.0);
  EXPECT_GT(mean(e > 0.0).item(), 0.95);
}
