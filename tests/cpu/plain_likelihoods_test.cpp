// Likelihoods written as they are thought of, a probability or a rate as a function of a predictor, are those of the
// predictor: right where the probability is 0 or 1 to rounding, and without quotients. The truth is written down in
// extended precision, gradients included.
#include <gtest/gtest.h>

#include <cmath>

#include "nuthatch/nuthatch.h"

namespace nuthatch::test {
namespace {

using Reals = std::vector<double>;

const Reals kPredictors{-800, -40, -3.5, -0.25, 0, 0.75, 2, 38, 750};

long double softplus(long double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }
long double logistic(long double x) { return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x)); }

/// Value and gradient of the sum, and no logarithm or quotient on the way.
template <class Density, class Value, class Slope>
void expectRight(const Density& density, const Reals& at, const Value& value, const Slope& slope) {
  auto f = [&](Tensor eta) { return sum(density(eta)); };
  Tensor eta(at);
  auto compiled = compile(value_and_grad(f), eta);
  const std::string ir = compiled.dump("ir");
  EXPECT_EQ(ir.find("nh.unary log %arg0"), std::string::npos);
  EXPECT_EQ(ir.find("nh.binary div"), std::string::npos) << ir;
  auto [total, gradient] = compiled(eta);
  long double exact = 0, size = 0;
  for (std::size_t i = 0; i < at.size(); ++i) exact += value(i), size += std::abs(value(i));
  EXPECT_NEAR(total.item(), double(exact), 1e-14 * double(size));
  const Reals slopes = gradient.to_vector();
  for (std::size_t i = 0; i < at.size(); ++i) EXPECT_NEAR(slopes[i], double(slope(i)), 1e-14 * std::max(1.0L, std::abs(slope(i)))) << i;
}

TEST(PlainLikelihoods, BernoulliOfALogisticPredictor) {
  for (bool first : {false, true}) {
    std::vector<bool> y;
    for (std::size_t i = 0; i < kPredictors.size(); ++i) y.push_back((i % 2 == 0) == first);
    Tensor data = Tensor(y).cast(i64);
    const auto eta = [](std::size_t i) { return (long double)(kPredictors[i]); };
    expectRight([&](Tensor x) { return Bernoulli(sigmoid(x)).log_prob(data); }, kPredictors,
                [&](std::size_t i) { return y[i] ? -softplus(-eta(i)) : -softplus(eta(i)); },
                [&](std::size_t i) { return (y[i] ? 1.0L : 0.0L) - logistic(eta(i)); });
  }
}

TEST(PlainLikelihoods, BinomialOfALogisticPredictor) {
  const std::vector<std::int64_t> y{0, 3, 10, 7, 5, 0, 9, 10, 10};
  Tensor data(y);
  const auto eta = [](std::size_t i) { return (long double)(kPredictors[i]); };
  expectRight([&](Tensor x) { return Binomial(10, sigmoid(x)).log_prob(data); }, kPredictors,
              [&](std::size_t i) {
                const long double k = y[i];
                return std::lgamma(11.0L) - std::lgamma(k + 1) - std::lgamma(11 - k) - k * softplus(-eta(i)) - (10 - k) * softplus(eta(i));
              },
              [&](std::size_t i) { return (long double)(y[i]) - 10 * logistic(eta(i)); });
}

/// Rates from 1e-300 to 1e17, with exposures.
TEST(PlainLikelihoods, PoissonOfAnExponentialPredictor) {
  const Reals predictors{-690, -3, 0, 1.5, 4, 40}, exposures{1, 2, 5, 0.5, 3, 1};
  const std::vector<std::int64_t> y{0, 2, 0, 7, 150, 0};
  Tensor data(y), n(exposures);
  const auto rate = [&](std::size_t i) { return (long double)(exposures[i]) * std::exp((long double)(predictors[i])); };
  expectRight([&](Tensor x) { return Poisson(n * exp(x)).log_prob(data); }, predictors,
              [&](std::size_t i) {
                const long double k = y[i];
                return k * (std::log((long double)(exposures[i])) + predictors[i]) - rate(i) - std::lgamma(k + 1);
              },
              [&](std::size_t i) { return (long double)(y[i]) - rate(i); });
}

/// Where a choice takes no logarithm there is none to differentiate either: log where(p, n exp x, 1) with n = 0 there.
TEST(PlainLikelihoods, ZeroFactorsBesideTheChoiceHaveNoDerivative) {
  const Tensor taken{true, false, true, false}, x{0.5, 1.0, -2.0, 0.0};
  auto total = [&](Tensor n) { return sum(log(where(taken, n * exp(x), 1.0))); };
  const auto slopes = jit(grad(total))(Tensor{2.0, 0.0, 4.0, 0.0}).to_vector<double>();
  EXPECT_EQ(slopes, (std::vector<double>{0.5, 0.0, 0.25, 0.0}));
  auto other = [&](Tensor n) { return sum(log(where(taken, 1.0, n * exp(x)))); };
  const auto rest = jit(grad(other))(Tensor{0.0, 2.0, 0.0, 4.0}).to_vector<double>();
  EXPECT_EQ(rest, (std::vector<double>{0.0, 0.5, 0.0, 0.25}));
}

/// Nor for elements that are left out before the logarithm is taken: the diagonal of a scaled triangular matrix.
TEST(PlainLikelihoods, ZeroFactorsThatAreLeftOutHaveNoDerivative) {
  auto total = [](Tensor l) { return sum(log(diagonal(exp(expand_dims(Tensor{0.5, 1.0}, 1)) * l))); };
  const auto slopes = jit(grad(total))(Tensor{{2.0, 0.0}, {3.0, 4.0}}).to_vector<double>();
  EXPECT_EQ(slopes, (std::vector<double>{0.5, 0.0, 0.0, 0.25}));
}

}  // namespace
}  // namespace nuthatch::test
