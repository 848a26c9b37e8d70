// Priors of regression coefficients: their densities written out, and the moments they promise.
#include <cmath>

#include <gtest/gtest.h>

#include "nuthatch/array.h"
#include "nuthatch/distributions.h"
#include "nuthatch/handlers.h"
#include "nuthatch/index.h"
#include "nuthatch/log_density.h"
#include "nuthatch/math.h"
#include "nuthatch/shrinkage_priors.h"
#include "nuthatch/transform.h"
#include "tests/errors/messages.h"

using namespace nuthatch;

namespace {

const Tensor kInput{1.0, 2.0, 0.5}, kShares{0.5, 0.3, 0.2};

TEST(ShrinkagePriors, R2d2SecondMomentsAndSigns) {
  auto model = [] {
    return r2d2m2cp("b", 3, {.output_scale = 2.0, .input_scale = kInput, .r2 = 0.6, .variance_explained = kShares,
                             .positive_probs = Tensor{0.5, 0.8, 0.1}});
  };
  constexpr int n = 20000;
  Tensor b = jit(vmap([&](Key k) { return seed(model, k)().coefficients; }))(split(Key(0), n));
  for (int k = 0; k < 3; ++k) {
    const double expected = 4.0 * 0.6 * kShares[k].item(), in = kInput[k].item(), p = Tensor{0.5, 0.8, 0.1}[k].item();
    Tensor squares = square(b(all, k) * in);
    EXPECT_NEAR(mean(squares).item(), expected, 5 * stddev(squares).item() / std::sqrt(double(n)));
    EXPECT_NEAR(mean((b(all, k) > 0.0).cast(f64)).item(), p, 5 * std::sqrt(p * (1 - p) / n));
  }
  EXPECT_NEAR(seed(model, Key(1))().residual_scale.item(), 2 * std::sqrt(0.4), 1e-15);
}

TEST(ShrinkagePriors, R2d2DensityOfAllSites) {
  const R2D2Options options{.output_scale = 2.0, .input_scale = kInput, .r2 = 0.4, .r2_sd = 0.2, .importance_concentration = 1.5,
                            .positive_probs = 0.7, .positive_probs_sd = 0.1, .centered = true};
  auto model = [&] { return r2d2m2cp("b", Labels{"x", "y", "z"}, options); };
  const Tensor positive{0.5, 0.8413447460685429, 0.3}, b{0.3, -0.2, 0.9};  // Phi(1) among them
  const Trace t = trace(condition(model, {{"b_r2", 0.25}, {"b_importance", kShares}, {"b_positive_probs", positive}, {"b", b}}))();
  // Beta with mean m and standard deviation s: m (1 - m) / s^2 - 1 is the sum of both parameters.
  auto beta = [](double x, double m, double s) {
    const double n = m * (1 - m) / (s * s) - 1, p = m * n, q = (1 - m) * n;
    return std::lgamma(n) - std::lgamma(p) - std::lgamma(q) + (p - 1) * std::log(x) + (q - 1) * std::log(1 - x);
  };
  double expected = beta(0.25, 0.4, 0.2) + std::lgamma(4.5) - 3 * std::lgamma(1.5);
  const double q[3] = {0.0, 1.0, -0.52440051270804078};
  for (int k = 0; k < 3; ++k) {
    expected += 0.5 * std::log(kShares[k].item()) + beta(positive[k].item(), 0.7, 0.1);
    const double s = 2 * std::sqrt(0.25 * kShares[k].item() / (1 + q[k] * q[k])) / kInput[k].item();
    const double z = (b[k].item() - s * q[k]) / s;
    expected += -0.5 * z * z - std::log(s) - 0.5 * std::log(2 * M_PI);
  }
  EXPECT_NEAR(t.log_density().item(), expected, 1e-11);
  EXPECT_EQ(t["b"].plates.at(0).labels, (Labels{"x", "y", "z"}));
  EXPECT_EQ(log_density(model).dim(), 1 + 2 + 3 + 3);
}

TEST(ShrinkagePriors, OneCoefficientHasTheWholeShare) {
  auto model = [] { return r2d2m2cp("b", 1, {.r2 = 0.5, .centered = true}); };
  const Trace t = trace(seed(model, Key(0)))();
  EXPECT_FALSE(t.contains("b_importance"));
  EXPECT_NEAR(t["b"].distribution.stddev()[0].item(), std::sqrt(0.5), 1e-15);
}

TEST(ShrinkagePriors, Horseshoe) {
  auto model = [] { return horseshoe("b", 2, {.global_scale = 0.1, .slab_scale = 3.0, .slab_df = 5.0}); };
  const double tau = 0.2, c2 = 4.0, lambda[2] = {0.5, 30.0}, raw[2] = {1.0, -0.5};
  auto fixed = condition(model, {{"b_tau", tau}, {"b_c2", c2}, {"b_lambda", Tensor{lambda[0], lambda[1]}}, {"b_raw", Tensor{raw[0], raw[1]}}});
  const Tensor b = fixed();
  double expected = std::log(2 / (M_PI * 0.1 * (1 + 4.0)));  // half Cauchy at tau
  const double shape = 2.5, rate = 2.5 * 9;
  expected += shape * std::log(rate) - std::lgamma(shape) - (shape + 1) * std::log(c2) - rate / c2;
  for (int k = 0; k < 2; ++k) {
    const double local = lambda[k] * std::sqrt(c2 / (c2 + tau * tau * lambda[k] * lambda[k]));
    EXPECT_NEAR(b[k].item(), raw[k] * tau * local, 1e-14);
    expected += std::log(2 / (M_PI * (1 + lambda[k] * lambda[k]))) - 0.5 * raw[k] * raw[k] - 0.5 * std::log(2 * M_PI);
  }
  EXPECT_NEAR(trace(fixed)().log_density().item(), expected, 1e-12);
  EXPECT_EQ(log_density(model).dim(), 6);
}

TEST(ShrinkagePriors, MistakesAreNamed) {
  EXPECT_ERROR_HERE("r2d2m2cp(\"b\"): .input_scale has shape [3], but there are 2 coefficients", r2d2m2cp("b", 2, {.input_scale = kInput}));
  EXPECT_ERROR_HERE("give .variance_explained or .importance_concentration, not both",
                    r2d2m2cp("b", 3, {.importance_concentration = 1.0, .variance_explained = kShares}));
  EXPECT_ERROR_HERE("horseshoe(\"b\"): the number of coefficients must be 1 or more", horseshoe("b", 0));
}

}  // namespace
