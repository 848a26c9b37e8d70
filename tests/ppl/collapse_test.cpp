// Conjugate variables integrated out: log marginal likelihoods against closed forms.
#include <cmath>

#include <gtest/gtest.h>

#include "nuthatch/array.h"
#include "nuthatch/collapse.h"
#include "nuthatch/distributions.h"
#include "nuthatch/log_density.h"
#include "nuthatch/math.h"
#include "nuthatch/transform.h"
#include "tests/errors/messages.h"

using namespace nuthatch;

namespace {

double log_beta(double a, double b) { return std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b); }
double log_choose(double n, double k) { return std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1); }

#define EXPECT_CONTAINS(text, part) EXPECT_NE(std::string(text).find(part), std::string::npos) << text

TEST(Collapse, BetaBernoulliAndBinomial) {
  auto model = [](const Observed& y, const Observed& k) {
    Tensor p = sample("p", Beta(2.0, 3.0));
    {
      Plate rows("row", 5);
      sample("y", Bernoulli(p), y);
    }
    sample("k", Binomial(10, p), k);
  };
  LogDensity d = log_density(collapse(model, {"p"}), Tensor{1, 0, 1, 1, 0}, 7);
  EXPECT_EQ(d.dim(), 0);
  const double expected = log_beta(2 + 3 + 7, 3 + 2 + 3) - log_beta(2, 3) + log_choose(10, 7);
  EXPECT_NEAR(d(zeros(0)).item(), expected, 1e-12);
}

TEST(Collapse, AVariablePerGroupAndHyperparameters) {
  // Beta(a, b) in each of three groups: the hyperparameters stay, with a gradient.
  auto model = [](const Tensor& n, const Observed& k) {
    Tensor a = sample("a", Exponential(1.0)), b = sample("b", Exponential(1.0));
    Plate groups("group", 3);
    Tensor p = sample("p", Beta(a, b));
    sample("k", Binomial(n, p), k);
  };
  auto by_hand = [](const Tensor& n, const Observed& k) {
    Tensor a = sample("a", Exponential(1.0)), b = sample("b", Exponential(1.0));
    Plate groups("group", 3);
    sample("k", BetaBinomial(a, b, n), k);
  };
  const Tensor n{10.0, 20.0, 7.0}, k{3.0, 15.0, 0.0};
  LogDensity c = log_density(collapse(model, {"p"}), n, k), h = log_density(by_hand, n, k);
  ASSERT_EQ(c.dim(), 2);
  for (std::uint64_t i = 0; i < 3; ++i) {
    const Tensor z = c.init(Key(i));
    auto [value, gradient] = value_and_grad(c)(z);
    auto [exact, exact_gradient] = value_and_grad(h)(z);
    EXPECT_NEAR(value.item(), exact.item(), 1e-10);
    EXPECT_LT(max(abs(gradient - exact_gradient)).item(), 1e-9);
  }
}

TEST(Collapse, GammaPoissonAndExponential) {
  auto model = [](const Observed& y) {
    Tensor rate = sample("rate", Gamma(2.0, 0.5));
    Plate rows("row", 4);
    sample("y", Poisson(rate), y);
  };
  const double n = 4, s = 3 + 0 + 2 + 6;
  double expected = 2 * std::log(0.5) - std::lgamma(2.0) + std::lgamma(2 + s) - (2 + s) * std::log(0.5 + n);
  for (double y : {3.0, 0.0, 2.0, 6.0}) expected -= std::lgamma(y + 1);
  EXPECT_NEAR(log_density(collapse(model, {"rate"}), Tensor{3, 0, 2, 6})(zeros(0)).item(), expected, 1e-12);
  auto waiting = [](const Observed& y) {
    Tensor rate = sample("rate", Gamma(2.0, 0.5));
    Plate rows("row", 3);
    sample("y", Exponential(rate), y);
  };
  const double t = 0.3 + 1.2 + 2.0;
  EXPECT_NEAR(log_density(collapse(waiting, {"rate"}), Tensor{0.3, 1.2, 2.0})(zeros(0)).item(),
              2 * std::log(0.5) + std::lgamma(5.0) - 5 * std::log(0.5 + t), 1e-12);
}

TEST(Collapse, NormalAndDirichlet) {
  auto model = [](const Observed& y) {
    Tensor m = sample("m", Normal(1.0, 2.0));
    Plate rows("row", 3);
    sample("y", Normal(m, Tensor{0.5, 1.0, 2.0}), y);
  };
  // y is normal with covariance diag(s^2) + 4.
  const Tensor s{0.5, 1.0, 2.0};
  const double exact =
      MultivariateNormal({.loc = ones(3), .covariance = diag(square(s)) + 4.0}).log_prob(Tensor{0.2, 1.4, 3.0}).item();
  EXPECT_NEAR(log_density(collapse(model, {"m"}), Tensor{0.2, 1.4, 3.0})(zeros(0)).item(), exact, 1e-12);
  auto categories = [](const Observed& c) {
    Tensor p = sample("p", Dirichlet(Tensor{0.5, 1.0, 2.0}));
    Plate rows("row", 4);
    sample("c", Categorical(p), c);
  };
  // counts 2, 0, 2
  const double expected = std::lgamma(3.5) - std::lgamma(7.5) + std::lgamma(2.5) - std::lgamma(0.5) + std::lgamma(4.0) -
                          std::lgamma(2.0);
  EXPECT_NEAR(log_density(collapse(categories, {"p"}), Tensor{0, 2, 2, 0})(zeros(0)).item(), expected, 1e-12);
}

TEST(Collapse, MistakesAreLoud) {
  auto computed = [](const Observed& y) {
    Tensor p = sample("p", Beta(1.0, 1.0));
    sample("y", Bernoulli(0.5 * p), y);
  };
  EXPECT_TRUE(std::isnan(log_density(collapse(computed, {"p"}), 1)(zeros(0)).item()));
  auto other = [](const Observed& y) { sample("y", Normal(sample("m", Cauchy(0.0, 1.0)), 1.0), y); };
  EXPECT_CONTAINS(text_of_error([&] { log_density(collapse(other, {"m"}), 1.0); }), "sample(\"m\") has a Cauchy");
  auto mismatch = [](const Observed& y) { sample("y", Normal(0.0, sample("s", Gamma(1.0, 1.0))), y); };
  EXPECT_CONTAINS(text_of_error([&] { log_density(collapse(mismatch, {"s"}), 1.0); }), "Gamma is not conjugate to scale of Normal");
  EXPECT_CONTAINS(text_of_error([&] { log_density(collapse(other, {"q"}), 1.0); }), "the model has no sample site \"q\"");
}

}  // namespace
