// Tempered sequential Monte Carlo: its pieces, posteriors, and marginal likelihoods that are known.
#include "nuthatch/smc.h"

#include <gtest/gtest.h>

#include <cmath>

#include "inference/smc/tempering.h"
#include "nuthatch/array.h"
#include "nuthatch/distributions/exponential.h"
#include "nuthatch/distributions/beta.h"
#include "nuthatch/distributions/binomial.h"
#include "nuthatch/distributions/gamma.h"
#include "nuthatch/distributions/normal.h"
#include "nuthatch/distributions/poisson.h"
#include "nuthatch/distributions/uniform.h"
#include "nuthatch/math.h"
#include "tests/inference/coal_mining.h"
#include "tests/inference/kernel_checks.h"

namespace nuthatch {
namespace {

using testing_models::z_score;

TEST(Smc, SystematicResampling) {
  const Tensor weights{0.1, 0.25, 0.0, 0.45, 0.2};
  for (const double u : {0.0, 0.3, 0.999}) {
    const auto index = smc::systematic(weights, Tensor(u)).to_vector<std::int64_t>();
    std::vector<int> counts(5);
    for (const auto i : index) ++counts[std::size_t(i)];
    const std::vector<double> w = weights.to_vector<double>();
    for (int i = 0; i < 5; ++i) EXPECT_LE(std::abs(counts[i] - 5 * w[i]), 1.0) << i;
    EXPECT_EQ(counts[2], 0);
  }
  // Inverse distribution function at (i + u) / n: cumulative sums .1 .35 .35 .8 1, points .1 .3 .5 .7 .9 for u = 1/2.
  EXPECT_EQ(smc::systematic(weights, Tensor(0.5)).to_vector<std::int64_t>(), (std::vector<std::int64_t>{0, 1, 3, 3, 4}));
}

TEST(Smc, NextBetaHasTheEffectiveSampleSize) {
  std::vector<double> likelihood;
  for (int i = 0; i < 200; ++i) likelihood.push_back(-0.03 * (i - 60) * (i - 60));
  const double beta = smc::next_beta(Tensor(0.25), Tensor(likelihood), 100.0).item<double>();
  double first = 0, second = 0;
  for (const double x : likelihood) {
    const double w = std::exp((beta - 0.25) * x);
    first += w, second += w * w;
  }
  EXPECT_NEAR(first * first / second, 100.0, 1e-6);
  EXPECT_EQ(smc::next_beta(Tensor(0.9), Tensor(std::vector<double>(200, -3.0)), 100.0).item<double>(), 1.0);
}

/// Chains are independent: |z| of their mean by their spread.
double z_of_means(const DataArray& x, double expected) {
  return std::abs(z_score(mean(x.tensor(), 1).to_vector<double>(), expected));
}

void normal_mean(const Observed& y) {
  Tensor mu = sample("mu", Normal(0.0, 3.0));
  Plate plate("i", 6);
  sample("y", Normal(mu, 2.0), y);
}

TEST(Smc, NormalModelWithBothKernels) {
  const std::vector<double> y{1.0, 4.5, -0.5, 3.0, 2.2, 6.1};
  double sum = 0, squares = 0;
  for (const double x : y) sum += x, squares += x * x;
  const double n = 6, precision = n / 4 + 1.0 / 9, posterior = sum / 4 / precision;
  // y is normal with covariance 4 I + 9 1 1^T.
  const double log_marginal = -0.5 * (n * std::log(2 * M_PI) + n * std::log(4.0) + std::log1p(9 * n / 4) + squares / 4 -
                                      sum * sum / 16 / precision);
  for (const char* kernel : {"imh", "mh"}) {
    const Fit result =
        SMC(normal_mean, {.num_particles = 1000, .num_chains = 16, .kernel = kernel}).run(Key(1), Tensor(y));
    EXPECT_LT(z_of_means(result.posterior["mu"], posterior), 5.5) << kernel;
    const Tensor deviation = square(result.posterior["mu"].tensor() - posterior);
    EXPECT_LT(std::abs(z_score(mean(deviation, 1).to_vector<double>(), 1 / precision)), 5.5) << kernel;
    EXPECT_LT(std::abs(log_evidence(result) - log_marginal), 5.5 * log_evidence_error(result)) << kernel;
    EXPECT_LT(log_evidence_error(result), 0.05) << kernel;
  }
}

/// Positive site, so that the Jacobian counts: gamma prior and Poisson counts; p(y) is negative binomial.
void rate(const Observed& y) {
  Tensor lambda = sample("lambda", Gamma(3.0, 0.5));
  sample("y", Poisson(lambda), y);
}

TEST(Smc, GammaPoisson) {
  const Fit result = SMC(rate, {.num_particles = 1000, .num_chains = 16}).run(Key(2), 11);
  // gamma(14) / gamma(3) / 11! 0.5^3 / 1.5^14; posterior gamma(14, 1.5).
  const double log_marginal =
      std::lgamma(14.0) - std::lgamma(3.0) - std::lgamma(12.0) + 3 * std::log(0.5) - 14 * std::log(1.5);
  EXPECT_LT(std::abs(log_evidence(result) - log_marginal), 5.5 * log_evidence_error(result));
  EXPECT_LT(z_of_means(result.posterior["lambda"], 14 / 1.5), 5.5);
}

/// Beta-binomial: under a uniform prior every number of heads of 50 has probability 1/51.
void flat(const Observed& heads) { sample("heads", Binomial(50, sample("p", Uniform(0.0, 1.0))), heads); }
void fair(const Observed& heads) { sample("heads", Binomial(50, sample("p", Beta(200.0, 200.0))), heads); }

TEST(Smc, EvidenceAndBayesFactor) {
  const Fit a = SMC(flat, {.num_particles = 1000, .num_chains = 16}).run(Key(5), 15);
  const Fit b = SMC(fair, {.num_particles = 1000, .num_chains = 16}).run(Key(6), 15);
  EXPECT_LT(std::abs(log_evidence(a) + std::log(51.0)), 5.5 * log_evidence_error(a));
  EXPECT_LT(log_evidence_error(a), 0.03);
  // choose(50, 15) B(215, 235) / B(200, 200)
  const auto beta = [](double x, double y) { return std::lgamma(x) + std::lgamma(y) - std::lgamma(x + y); };
  const double exact = std::lgamma(51.0) - std::lgamma(16.0) - std::lgamma(36.0) + beta(215, 235) - beta(200, 200);
  EXPECT_LT(std::abs(log_evidence(b) - exact), 5.5 * log_evidence_error(b));
  EXPECT_DOUBLE_EQ(bayes_factor(a, b), std::exp(log_evidence(a) - log_evidence(b)));
  EXPECT_EQ(a.posterior["p"].shape(), (Shape{16, 1000}));
  EXPECT_EQ(a.observed_data["heads"].tensor().item<double>(), 15.0);
}

/// Two modes of unequal weight, seven standard deviations apart from the origin: |x| is observed. Chains would not cross.
void two_modes(const Observed& y) {
  Tensor x = sample("x", Normal(0.3, 1.0));
  sample("y", Normal(abs(x), 0.1), y);
}

TEST(Smc, FindsBothModes) {
  const Fit result = SMC(two_modes, {.num_particles = 2000, .num_chains = 16}).run(Key(3), 1.5);
  // Ratio of the masses: exp(2 * 0.3 * 1.5 / (1 + 0.01)) by completing squares on either side.
  const double ratio = std::exp(2 * 0.3 * 1.5 / 1.01);
  const Tensor right = (result.posterior["x"].tensor() > 0.0).cast(f64);
  EXPECT_LT(std::abs(z_score(mean(right, 1).to_vector<double>(), ratio / (1 + ratio))), 5.5);
}

/// Coal mining disasters, the year summed out. log p(data) = -174.246173 by sums over years of gamma integrals.
void disasters(const Tensor& counts, const Tensor& known) {
  Tensor early = sample("early", Exponential(1.0)), late = sample("late", Exponential(1.0));
  Tensor log_early = select(known, xlogy(counts, early) - early - lgamma(counts + 1.0), 0.0);
  Tensor log_late = select(known, xlogy(counts, late) - late - lgamma(counts + 1.0), 0.0);
  Tensor by_year = cumsum(log_early) + sum(log_late) - cumsum(log_late) - std::log(double(counts.size()));
  factor("counts", logsumexp(by_year));
}

TEST(Smc, CoalMiningMarginalLikelihood) {
  const Tensor raw(recorded());
  const Fit result =
      SMC(disasters, {.num_particles = 1000, .num_chains = 8}).run(Key(4), maximum(raw, 0.0), raw >= 0.0);
  EXPECT_LT(std::abs(log_evidence(result) + 174.246173), 4 * log_evidence_error(result));
  EXPECT_LT(log_evidence_error(result), 0.1);
  EXPECT_LT(z_of_means(result.posterior["early"], 3.087042), 5.5);
  EXPECT_LT(z_of_means(result.posterior["late"], 0.931733), 5.5);
}

TEST(Smc, ChainsDependOnKeyAndIndexOnly) {
  const auto run = [](std::int64_t chains) {
    return SMC(rate, {.num_particles = 100, .num_chains = chains}).run(Key(9), 4);
  };
  const Fit three = run(3), one = run(1);
  const auto evidence = [](const Fit& fit) { return fit.sample_stats["log_marginal_likelihood"].tensor().to_vector<double>(); };
  EXPECT_EQ(evidence(three)[0], evidence(one)[0]);
  EXPECT_EQ(three.posterior["lambda"].tensor()[0].to_vector<double>(),
            one.posterior["lambda"].tensor()[0].to_vector<double>());
  EXPECT_NE(evidence(three)[1], evidence(three)[0]);
}

TEST(SmcErrors, Messages) {
  const auto message_of = [](auto f) -> std::string {
    try {
      f();
    } catch (const Error& e) {
      return e.what();
    }
    return "no error";
  };
  const auto has = [](const std::string& text, const char* part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  has(message_of([] { SMC(rate, {.num_particles = 3}); }), "num_particles");
  has(message_of([] { SMC(rate, {.threshold = 1.5}); }), "threshold");
  has(message_of([] { SMC(rate, {.kernel = "gibbs"}); }), "kernel is");
  const auto impossible = [](const Observed& y) {
    Tensor x = sample("x", Normal(0.0, 1.0));
    factor("never", log(-1.0 - square(x)));
    sample("y", Normal(x, 1.0), y);
  };
  has(message_of([&] { SMC(impossible, {.num_particles = 50, .num_chains = 1}).run(Key(0), 1.0); }),
      "finite likelihood");
  has(message_of([] { log_evidence(Fit()); }), "log_marginal_likelihood");
  has(message_of([] { SMC(normal_mean, {.num_chains = 1, .max_stages = 1}).run(Key(0), full(6, Tensor(30.0))); }),
      "max_stages");
}

}  // namespace
}  // namespace nuthatch
