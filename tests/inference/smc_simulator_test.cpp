// Approximate Bayesian computation: posteriors and evidences of simulators whose exact counterparts are known.
#include <gtest/gtest.h>

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/distributions/normal.h"
#include "nuthatch/simulator.h"
#include "nuthatch/distributions/uniform.h"
#include "nuthatch/kernels/nuts.h"
#include "nuthatch/math.h"
#include "nuthatch/mcmc.h"
#include "nuthatch/predictive.h"
#include "nuthatch/smc.h"
#include "tests/inference/kernel_checks.h"
#include "tests/errors/messages.h"

namespace nuthatch {
namespace {

using testing_models::z_score;

/// |z| of the mean of a quantity by the spread of independent chains.
double z_of_means(const Tensor& x, double expected) {
  return std::abs(z_score(mean(x, 1).to_vector<double>(), expected));
}

constexpr double kSd = 0.7, kEpsilon = 0.5, kData = 1.3;

void one_number(const Observed& y) {
  const Tensor mu = sample("mu", Normal(0.0, 1.0));
  sample("y", Simulator({.draw = [mu](Key k) { return mu + kSd * normal(k); }, .epsilon = kEpsilon}), y);
}

TEST(SmcSimulator, NormalModelWithBothKernels) {
  // The kernel adds epsilon^2 to the variance of the data; it is sqrt(2 pi) epsilon times a normal density.
  const double noise = kSd * kSd + kEpsilon * kEpsilon, precision = 1 + 1 / noise, posterior = kData / noise / precision;
  const double log_evidence_exact =
      0.5 * std::log(2 * M_PI) + std::log(kEpsilon) - 0.5 * (std::log(2 * M_PI * (1 + noise)) + kData * kData / (1 + noise));
  for (const char* kernel : {"imh", "mh"}) {
    const Fit fit = SMC(one_number, {.num_particles = 1000, .num_chains = 16, .kernel = kernel}).run(Key(1), kData);
    const Tensor mu = fit.posterior["mu"].tensor();
    EXPECT_LT(z_of_means(mu, posterior), 5.5) << kernel;
    EXPECT_LT(z_of_means(square(mu - posterior), 1 / precision), 5.5) << kernel;
    EXPECT_LT(std::abs(log_evidence(fit) - log_evidence_exact), 5.5 * log_evidence_error(fit)) << kernel;
    EXPECT_LT(log_evidence_error(fit), 0.05) << kernel;
    EXPECT_EQ(fit.observed_data["y"].tensor().item<double>(), kData);
  }
}

void members(const Observed& y) {
  const Tensor mu = sample("mu", Normal(0.0, 1.0));
  Plate rows("row", 4);
  sample("y", Simulator({.draw = [mu](Key k) { return mu + kSd * normal(k); }, .epsilon = kEpsilon}), y);
}

TEST(SmcSimulator, MembersOfAPlateHaveTheirOwn) {
  const Tensor y{0.4, 1.9, -0.3, 1.2};
  const double noise = kSd * kSd + kEpsilon * kEpsilon, precision = 1 + 4 / noise, posterior = 3.2 / noise / precision;
  const Fit fit = SMC(members, {.num_particles = 1000, .num_chains = 16}).run(Key(7), y);
  const Tensor mu = fit.posterior["mu"].tensor();
  EXPECT_LT(z_of_means(mu, posterior), 5.5);
  EXPECT_LT(z_of_means(square(mu - posterior), 1 / precision), 5.5);
  const Tensor drawn = Predictive(members, {.num_samples = 3})(Key(1))["y"];
  EXPECT_EQ(drawn.shape(), (Shape{3, 4}));
  EXPECT_NE(drawn(0, 0).item<double>(), drawn(0, 1).item<double>());
}

void many_numbers(const Observed& y) {
  const Tensor mu = sample("mu", Normal(0.0, 1.0));
  sample("y", Simulator({.draw = [mu](Key k) { return mu + kSd * normal(k, {20}); }, .summary = "mean", .epsilon = 0.1}), y);
}

TEST(SmcSimulator, ComparesMeans) {
  const Tensor y = linspace(-1.0, 2.2, 20);
  const double noise = kSd * kSd / 20 + 0.01, precision = 1 + 1 / noise, posterior = 0.6 / noise / precision;
  const Fit fit = SMC(many_numbers, {.num_particles = 1000, .num_chains = 16}).run(Key(2), y);
  const Tensor mu = fit.posterior["mu"].tensor();
  EXPECT_LT(z_of_means(mu, posterior), 5.5);
  EXPECT_LT(z_of_means(square(mu - posterior), 1 / precision), 5.5);
}

void by_laplace(const Observed& y) {
  const Tensor mu = sample("mu", Normal(0.0, 1.0));
  sample("y",
         Simulator({.draw = [mu](Key k) { return mu + kSd * normal(k); }, .distance = "laplace", .epsilon = kEpsilon}), y);
}

TEST(SmcSimulator, LaplaceKernel) {
  // Given the simulation s, the parameter is normal around s / (1 + sd^2); s itself has a normal density times the kernel.
  const double variance = 1 + kSd * kSd;
  double mass = 0, first = 0;
  const double step = 1e-3;
  for (double s = -12; s <= 12; s += step) {
    const double weight = std::exp(-0.5 * s * s / variance) / std::sqrt(2 * M_PI * variance) * std::exp(-std::abs(kData - s) / kEpsilon);
    mass += step * weight;
    first += step * weight * s / variance;
  }
  const Fit fit = SMC(by_laplace, {.num_particles = 1000, .num_chains = 16}).run(Key(3), kData);
  EXPECT_LT(z_of_means(fit.posterior["mu"].tensor(), first / mass), 5.5);
  EXPECT_LT(std::abs(log_evidence(fit) - std::log(mass)), 5.5 * log_evidence_error(fit));
}

void coin(const Observed& heads) {
  const Tensor p = sample("p", Uniform(0.0, 1.0));
  sample("heads", Simulator({.draw = [p](Key k) { return sum((uniform(k, {50}) < p).cast(f64)); }, .epsilon = 1.0}), heads);
}

TEST(SmcSimulator, OfCounts) {
  // Every number of heads k has probability 1/51, and then p is Beta(k + 1, 51 - k).
  double mass = 0, first = 0;
  for (int k = 0; k <= 50; ++k) {
    const double weight = std::exp(-0.5 * (15 - k) * (15 - k)) / 51;
    mass += weight;
    first += weight * (k + 1) / 52;
  }
  const Fit fit = SMC(coin, {.num_particles = 1000, .num_chains = 16, .kernel = "mh"}).run(Key(4), 15.0);
  EXPECT_LT(z_of_means(fit.posterior["p"].tensor(), first / mass), 5.5);
  EXPECT_LT(std::abs(log_evidence(fit) - std::log(mass)), 5.5 * log_evidence_error(fit));
}

TEST(SmcSimulator, Predictive) {
  const auto draws = Predictive(one_number, {.num_samples = 4000})(Key(5));
  const Tensor y = draws["y"];
  EXPECT_NEAR(mean(y).item<double>(), 0.0, 5 * std::sqrt((1 + kSd * kSd) / 4000));
  EXPECT_NEAR(mean(square(y)).item<double>(), 1 + kSd * kSd, 5 * (1 + kSd * kSd) * std::sqrt(2.0 / 4000));
}

/// log p(y) of a simulator that always simulates the same.
double log_kernel(const Tensor& y, const Tensor& simulated, const SummaryStatistic& summary, const SimulatorDistance& distance,
                  double epsilon) {
  auto model = [&](const Observed& data) {
    sample("y", Simulator({.draw = [simulated](Key) { return simulated; },
                           .summary = summary,
                           .distance = distance,
                           .epsilon = epsilon}),
           data);
  };
  return trace(seed(model, Key(0)))(y).log_density().item<double>();
}

TEST(SmcSimulator, SummariesAndDistances) {
  const Tensor y{3.0, 1.0, 2.5, 7.0}, s{2.0, 6.0, 1.5, 3.5};
  EXPECT_NEAR(log_kernel(y, s, "identity", "gaussian", 2.0), -0.5 * (1 + 25 + 1 + 12.25) / 4, 1e-14);
  EXPECT_NEAR(log_kernel(y, s, "sort", "gaussian", 2.0), -0.5 * (0.25 + 0.25 + 0.25 + 1) / 4, 1e-14);
  EXPECT_NEAR(log_kernel(y, s, "sort", "laplace", 0.5), -(0.5 + 0.5 + 0.5 + 1) / 0.5, 1e-14);
  EXPECT_NEAR(log_kernel(y, s, "mean", "laplace", 0.5), -(13.5 - 13) / 4 / 0.5, 1e-14);
  EXPECT_NEAR(log_kernel(y, s, "median", "gaussian", 1.0), 0.0, 1e-14);
  EXPECT_NEAR(log_kernel(y, s, [](const Tensor& x) { return max(x); }, "laplace", 1.0), -1.0, 1e-14);
  auto cubic = [](const Tensor& a, const Tensor& b, const Tensor& epsilon) { return -pow(abs(a - b), 3.0) / epsilon; };
  EXPECT_NEAR(log_kernel(y, s, "identity", cubic, 2.0), -0.5 * (1 + 125 + 1 + 3.5 * 3.5 * 3.5), 1e-13);
  // Nearest neighbours: among the data 0.5, 1.5, 0.5, 4; of the data in the simulation 0.5, 0.5, 0.5, 1.
  const double divergence = 0.25 * std::log(0.5 * 0.5 * 0.5 * 1 / (0.5 * 1.5 * 0.5 * 4)) + std::log(4.0 / 3);
  EXPECT_NEAR(log_kernel(y, s, "identity", "kullback_leibler", 0.3), -divergence / 0.3, 1e-13);
}

TEST(SmcSimulator, Errors) {
  auto contains = [](const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  contains(text_of_error([] { MCMC(NUTS(one_number), {.num_warmup = 10, .num_samples = 10, .progress = false}).run(Key(0), 1.0); }),
           "needs a random key: sample with SMC");
  contains(text_of_error([] { Simulator(SimulatorOptions{}); }), ".draw is missing");
  contains(text_of_error([] { SummaryStatistic("mode"); }), "not \"mode\"");
  contains(text_of_error([] { SimulatorDistance("cauchy"); }), "not \"cauchy\"");
  contains(text_of_error([] { Simulator({.draw = [](Key k) { return normal(k); }, .epsilon = -1.0}).log_prob(0.0); }),
           "epsilon must be positive");
  auto growing = [] {
    auto size = std::make_shared<int>(1);
    Simulator d({.draw = [size](Key k) { return normal(k, {++*size}); }});
    d.sample(Key(0));
  };
  contains(text_of_error(growing), "a data set of shape [3] after one of shape [2]");
  auto model = [](const Observed& y) { sample("y", Simulator({.draw = [](Key k) { return normal(k, {3}); }}), y); };
  contains(text_of_error([&] { trace(seed(model, Key(0)))(zeros(4)); }), "Simulator has shape [3]");
}

}  // namespace
}  // namespace nuthatch
