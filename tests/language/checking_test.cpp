// Predictive checks, calibration of inference, convergence in production, missing data, as a user writes them.
#include <cmath>
#include <cstdio>

#include <gtest/gtest.h>
#include <nuthatch/nuthatch.h>
#include <nuthatch/shrinkage_priors.h>
using namespace nuthatch;

void line(const Tensor& x, double slope_sd, const Observed& y) {
  Tensor a = sample("alpha", Normal(0.0, 10.0)), b = sample("beta", Normal(0.0, slope_sd));
  Tensor sigma = sample("sigma", HalfNormal(1.0));
  Plate rows("obs", x.size());
  sample("y", Normal(a + b * x, sigma), y);
}

TEST(Checking, PriorAndPosteriorPredictive) {
  Tensor x = linspace(-1.0, 1.0, 20), y = 1.0 + 2.0 * x + 0.5 * normal(Key(9), {20});
  std::vector<double> width;
  for (double sd : {1.0, 5.0, 10.0}) {                                   // prior calibration: one compilation
    auto prior = Predictive(line, {.num_samples = 500})(Key(1), x, sd);
    print("slope sd {}: y from {:.1f} to {:.1f}\n", sd, min(prior["y"]), max(prior["y"]));
    width.push_back(stddev(prior["beta"]).item());
  }
  auto fit = MCMC(NUTS(line)).run(Key(2), x, 5.0, y);
  fit.extend(Predictive(line, {.num_samples = 500})(Key(3), x, 5.0)).extend(Predictive(line, fit)(Key(4), x, 5.0));
  print("{}\n", ppc_p_values(fit, "y"));                                  // mean, sd, min, max, median
  auto mcmc = MCMC(NUTS(line), {.num_samples = 500, .num_chains = 1, .progress = false});
  auto calibrated = sbc(NUTS(line), {.num_fits = 200}, Key(5), x, 5.0, y);

  EXPECT_NEAR(width[1] / width[0], 5.0, 1e-9);  // the same draws, scaled
  EXPECT_NEAR(width[2] / width[0], 10.0, 1e-9);
  for (const char* group : {"prior", "prior_predictive", "posterior_predictive", "observed_data", "posterior"})
    EXPECT_FALSE(fit.group(group).empty()) << group;
  EXPECT_NEAR(mean(fit["beta"]).item(), 2.0, 0.8);
  for (const auto& [name, p] : calibrated.p_value) EXPECT_GT(p, 1e-5) << name;
}

Fit careful_fit(const Model& model, Key key, const Tensor& x, const Tensor& y) {
  for (int attempt = 0; attempt < 3; ++attempt) {
    auto options = MCMCOptions{.num_warmup = 1000 << attempt, .num_chains = 4, .progress = false};
    options.on_progress = [](const Progress& p) {
      std::fprintf(stderr, "chain %d: %ld/%ld, %ld divergences\n", p.chain, long(p.draw), long(p.total), long(p.divergences));
      return true;                                                        // false stops; what was drawn is kept
    };
    Fit fit = MCMC(NUTS(model, {.target_accept_prob = 0.8 + 0.05 * attempt}), options).run(fold_in(key, attempt), x, y);
    Diagnosis d = fit.diagnose();
    if (d && d.max_r_hat < 1.01 && d.min_ess_bulk > 400) return fit;
    for (const auto& m : d.messages) std::fprintf(stderr, "attempt %d: %s\n", attempt, m.c_str());
  }
  throw Error("no convergence after three attempts");
}
void model(const Tensor& x, const Observed& y) { sample("y", StudentT(3.0, sample("m", Normal(0.0, 10.0)) * x, 1.0), y); }

// ---- priors of whole regressions ----

void sparse_regression(const Tensor& X, const Labels& features, const Tensor& x_sd, double y_sd, const Observed& y) {
  R2D2 prior = r2d2m2cp("beta", features, {.output_scale = y_sd, .input_scale = x_sd, .r2 = 0.5, .r2_sd = 0.2,
                                           .importance_concentration = 1.0, .positive_probs = 0.8, .positive_probs_sd = 0.1});
  Tensor a = sample("intercept", Normal(0.0, y_sd));
  Plate rows("obs", X.size(0));
  sample("y", Normal(a + matmul(X, prior.coefficients), prior.residual_scale), y);
}

TEST(Checking, SparseRegression) {
  Tensor X = normal(Key(1), {120, 5}) * Tensor{1.0, 2.0, 0.5, 1.0, 1.0};
  Tensor y = matmul(X, Tensor{1.5, 0.0, 2.0, 0.0, 0.0}) + normal(Key(2), {120});
  Labels names{"age", "bmi", "bp", "s1", "s2"};
  auto fit = MCMC(NUTS(sparse_regression, {.target_accept_prob = 0.95})).run(Key(0), X, names, stddev(X, 0), stddev(y).item(), y);
  fit.print_summary({.var_names = {"beta", "beta_r2", "beta_importance"}});

  // 120 rows say nearly everything: least squares, within the posterior's own spread and the little that the prior moves.
  Tensor A = concat({ones({120, 1}), X}, 1);
  Tensor least = solve(matmul(transpose(A), A), matmul(transpose(A), y));
  for (int k = 0; k < 5; ++k)
    EXPECT_NEAR(mean(fit["beta"](all, k)).item(), least[k + 1].item(), 1.5 * stddev(fit["beta"](all, k)).item());
  const double explained = 1 - (mean(square(y - matmul(A, least))) / mean(square(y - mean(y)))).item();
  EXPECT_NEAR(mean(fit["beta_r2"]).item(), explained, 0.12);
}

TEST(Checking, ConvergenceGate) {
  try {
    auto fit = careful_fit(model, Key(0), Tensor{1.0, 2.0, 3.0}, Tensor{1.9, 4.2, 6.1});
    print("R-hat {:.3f}, bulk ESS {:.0f}, MCSE {:.4f}\n", r_hat(fit.posterior["m"]), ess_bulk(fit.posterior["m"]), mcse_mean(fit.posterior["m"]));

    // The posterior mean of m on a grid.
    double norm = 0, total = 0;
    for (double m = -2; m < 6; m += 1e-3) {
      double log_p = -0.5 * m * m / 100;
      const double x[] = {1, 2, 3}, y[] = {1.9, 4.2, 6.1};
      for (int i = 0; i < 3; ++i) log_p += -2 * std::log1p(std::pow(y[i] - m * x[i], 2) / 3);
      norm += std::exp(log_p), total += m * std::exp(log_p);
    }
    EXPECT_NEAR(mean(fit["m"]).item(), total / norm, 5 * mcse_mean(fit.posterior["m"]).item());
  } catch (const Error& e) { print("{}\n", e.what()); FAIL(); }
}

void income(const Tensor& age, const Tensor& missing, const Observed& y) {
  Tensor a = sample("a", Normal(0.0, 1.0)), b = sample("b", Normal(0.0, 1.0)), sigma = sample("sigma", HalfNormal(1.0));
  Tensor c = sample("c", Normal(0.0, 1.0)), k = sample("k", Normal(0.0, 1.0));
  Plate people("person", age.size());
  Tensor value = sample("income", Normal(a + b * age, sigma), y);         // NaN in y: imputed, site income_missing
  sample("missing", Bernoulli({.logits = c + k * value}), missing);        // missing not at random
}

TEST(Checking, MissingData) {
  Tensor age = normal(Key(1), {100}), complete = 0.5 + 0.8 * age + 0.5 * normal(Key(2), {100});
  Tensor gone = bernoulli(Key(3), sigmoid(-2.0 + 1.5 * complete));
  Tensor y = select(gone, double(NAN), complete);
  auto full = MCMC(NUTS(income)).run(Key(1), age, isnan(y), y);
  print("{} values imputed, first {:.2f} {}\n", count_nonzero(isnan(y)), mean(full["income_missing"](all, 0)), hdi(full["income_missing"](all, 0)));

  const std::int64_t n = count_nonzero(isnan(y)).item<std::int64_t>();
  ASSERT_GT(n, 5);
  EXPECT_EQ(full["income_missing"].shape(), (Shape{4000, n}));
  EXPECT_NEAR(mean(full["b"]).item(), 0.8, 0.3);
  EXPECT_GT(mean(full["k"]).item(), 0.3);  // larger incomes are missing more often
}

void deliveries(const Observed& count) {
  Tensor rate = sample("rate", Gamma(2.0, 1.0));
  Plate days("day", 4);
  sample("count", Poisson(rate), count);                                  // NaN in the data: counts to be found as well
}

TEST(Checking, MissingCounts) {
  auto fit = MCMC(Compound(deliveries), {.num_samples = 4000, .num_chains = 4, .progress = false}).run(Key(3), Tensor{3.0, NAN, 5.0, 1.0});
  print("rate {:.2f}, missing {:.2f}\n", mean(fit["rate"]), mean(fit["count_missing"].cast(f64)));

  // Three counts and the prior: Gamma(11, 4). The missing one is negative binomial around its mean.
  EXPECT_NEAR(mean(fit["rate"]).item(), 11.0 / 4, 5 * mcse_mean(fit.posterior["rate"]).item());
  Tensor missing = fit.posterior["count_missing"].tensor().cast(f64)(all, all, 0);
  EXPECT_NEAR(mean(missing).item(), 11.0 / 4, 5 * mcse_mean(missing).item());
  EXPECT_NEAR(mean((missing == 0.0).cast(f64)).item(), std::pow(4.0 / 5, 11), 0.02);
}
