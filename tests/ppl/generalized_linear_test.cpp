// Generalised linear models by name: densities against the formulas in extended precision, the programs of the written out
// form, and errors.
#include <gtest/gtest.h>

#include <cmath>

#include "nuthatch/generalized_linear.h"
#include "nuthatch/nuthatch.h"
#include "tests/errors/messages.h"

namespace nuthatch::test {
namespace {

using Reals = std::vector<double>;

const Reals kX{1.5, -0.5, 0.25, 2, -1, -3, 0.75, 0.125};
const Tensor X = reshape(Tensor(kX), {4, 2});
const Reals kBeta{0.7, -1.25};
constexpr double kAlpha = 0.3;
const std::vector<std::int64_t> kY{2, 0, 1, 3};

long double eta(std::size_t i) { return kAlpha + (long double)(kX[2 * i]) * kBeta[0] + (long double)(kX[2 * i + 1]) * kBeta[1]; }
long double log_sigmoid(long double x) { return -std::log1p(std::exp(-x)); }

template <class Formula> void expectDensity(const Distribution& d, const Tensor& y, const Formula& formula) {
  const Reals got = d.log_prob(y).to_vector();
  ASSERT_EQ(got.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(got[i], double(formula(i)), 2e-14 * std::max(1.0, std::abs(double(formula(i))))) << i;
}

TEST(GeneralizedLinear, Densities) {
  const Tensor a(kAlpha), b(kBeta), y(kY);
  const std::vector<std::int64_t> truth{1, 0, 1, 1};
  expectDensity(BernoulliLogitGLM(X, a, b), Tensor(truth), [&](std::size_t i) { return log_sigmoid(truth[i] ? eta(i) : -eta(i)); });
  expectDensity(BinomialLogitGLM(5, X, a, b), y, [&](std::size_t i) {
    const long double k = kY[i];
    return std::lgamma(6.0L) - std::lgamma(k + 1) - std::lgamma(6 - k) + k * log_sigmoid(eta(i)) + (5 - k) * log_sigmoid(-eta(i));
  });
  expectDensity(PoissonLogGLM(X, a, b), y, [&](std::size_t i) { return kY[i] * eta(i) - std::exp(eta(i)) - std::lgamma(kY[i] + 1.0L); });
  expectDensity(NegativeBinomialLogGLM(X, a, b, 2.5), y, [&](std::size_t i) {
    const long double k = kY[i], c = 2.5L, m = std::exp(eta(i));
    return std::lgamma(k + c) - std::lgamma(c) - std::lgamma(k + 1) + c * std::log(c / (c + m)) + k * std::log(m / (c + m));
  });
  const Reals real{0.5, -1, 2, 4};
  expectDensity(NormalGLM(X, a, b, 1.5), Tensor(real), [&](std::size_t i) {
    const long double z = (real[i] - eta(i)) / 1.5L;
    return -0.5L * z * z - std::log(1.5L) - 0.5L * std::log(2 * std::acos(-1.0L));
  });
  const Reals cuts{-1, 0.5, 2};
  expectDensity(OrderedLogisticGLM(X, b, Tensor(cuts)), y, [&](std::size_t i) {
    auto below = [&](std::int64_t k) { return k < 0 ? 0.0L : k > 2 ? 1.0L : 1 / (1 + std::exp(eta(i) - kAlpha - cuts[std::size_t(k)])); };
    return std::log(below(kY[i]) - below(kY[i] - 1));
  });
  const Reals B{0.5, -1, 2, 0.25, -0.75, 1.5, 0.125, -0.5};
  expectDensity(CategoricalLogitGLM(X, Tensor{0.1, 0.2, 0.3, 0.4}, reshape(Tensor(B), {2, 4})), y, [&](std::size_t i) {
    long double sum = 0, own = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const long double e = 0.1L * double(k + 1) + (long double)(kX[2 * i]) * B[k] + (long double)(kX[2 * i + 1]) * B[4 + k];
      sum += std::exp(e);
      if (std::int64_t(k) == kY[i]) own = e;
    }
    return own - std::log(sum);
  });
}

/// One pass over X for value and gradient, by name and written out.
TEST(GeneralizedLinear, CompileToOnePass) {
  const Tensor design = normal(Key(1), {500, 6}), y = (uniform(Key(2), {500}) > 0.4).cast(i64);
  for (const std::string& text :
       {explain(value_and_grad([&](Tensor z) { return sum(BernoulliLogitGLM(design, z[0], z[from(1)]).log_prob(y)); }), zeros({7})),
        explain(value_and_grad([&](Tensor z) { return sum(PoissonLogGLM(design, z[0], z[from(1)]).log_prob(y)); }), zeros({7})),
        explain(value_and_grad([&](Tensor z) { return sum(Bernoulli(sigmoid(z[0] + matmul(design, z[from(1)]))).log_prob(y)); }), zeros({7}))})
    EXPECT_NE(text.find("argument 1: [500, 6], 24.0 kB, read 1 time\n"), std::string::npos) << text;
}

TEST(GeneralizedLinear, WrongShapesAreNamed) {
  const Tensor b(kBeta);
  EXPECT_NE(text_of_error([&] { PoissonLogGLM(X, 0.0, ones({3})); }).find("PoissonLogGLM: coefficients must have shape [2]"), std::string::npos);
  EXPECT_NE(text_of_error([&] { NormalGLM(X, ones({3}), b, 1.0); }).find("NormalGLM: intercept must be a scalar or have one element for each row"),
            std::string::npos);
  EXPECT_NE(text_of_error([&] { BernoulliLogitGLM(b, 0.0, b); }).find("BernoulliLogitGLM: X must be a matrix"), std::string::npos);
  EXPECT_NE(text_of_error([&] { CategoricalLogitGLM(X, ones({3}), ones({2, 4})); }).find("each of the 4 categories"), std::string::npos);
}

}  // namespace
}  // namespace nuthatch::test
