// Distributions made of other distributions: draws, derivatives of draws, batches, and what is said about bad input.
#include <algorithm>
#include <cmath>
#include <functional>

#include <gtest/gtest.h>

#include "nuthatch/array.h"
#include "nuthatch/bijectors.h"
#include "nuthatch/distributions.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"
#include "nuthatch/transform.h"

using namespace nuthatch;

namespace {

constexpr std::int64_t kDraws = 20000;

/// Share of true elements, and its distance from p in standard errors.
double share_score(const Tensor& event, double p) {
  const double n = double(event.size());
  return std::abs(sum(event.cast(f64)).item() / n - p) / std::sqrt(p * (1 - p) / n);
}

std::string message(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}
#define EXPECT_MESSAGE(expression, text)                                                                               \
  EXPECT_NE(message([&] { expression; }).find(text), std::string::npos) << message([&] { expression; })

TEST(Truncated, DrawsFarInTheTailsAreInsideAndFinite) {
  for (auto [low, high] : {std::pair{-16.0, -15.0}, {15.0, 16.0}, {-31.0, -30.0}, {60.0, 61.0}, {-0.1, 0.1}}) {
    Distribution d = Truncated(Normal(0.0, 1.0), {.lower = low, .upper = high});
    Tensor x = d.sample(Key(1), {2000});
    EXPECT_TRUE(all_of((x >= low) & (x <= high)).item<bool>()) << low;
    EXPECT_GT(max(x).item() - min(x).item(), 0.01 * (high - low)) << low;
    EXPECT_NEAR(mean(x).item(), d.mean().item(), 6 * d.stddev().item() / std::sqrt(2000.0)) << low;
  }
  Tensor far = Truncated(Exponential(2.0), {.lower = 400.0}).sample(Key(2), {2000});
  EXPECT_TRUE(all_of(far >= 400.0).item<bool>());
  EXPECT_NEAR(mean(far).item(), 400.5, 6 * 0.5 / std::sqrt(2000.0));  // the exponential has no memory
}

TEST(Truncated, DrawsHaveImplicitDerivatives) {
  // With the uniform number held, x(loc) = loc + z(loc): compare with differences of the same draw.
  auto draw = [](Tensor loc) { return Truncated(Normal(loc, 1.5), {.lower = 0.5, .upper = 3.0}).sample(Key(4)); };
  const double h = 1e-5, slope = (draw(1.0 + h).item() - draw(1.0 - h).item()) / (2 * h);
  EXPECT_NEAR(grad(draw)(Tensor(1.0)).item(), slope, 1e-7);
  auto tail = [](Tensor scale) { return Truncated(Normal(0.0, scale), {.lower = 8.0}).sample(Key(5)); };
  const double tail_slope = (tail(1.0 + h).item() - tail(1.0 - h).item()) / (2 * h);
  EXPECT_NEAR(grad(tail)(Tensor(1.0)).item(), tail_slope, 1e-6);
}

TEST(Truncated, TakesBatchesOfBounds) {
  Distribution d = Truncated(Normal(0.0, 1.0), {.lower = Tensor{-1.0, 0.0, 2.0}});
  EXPECT_EQ(d.batch_shape(), (Shape{3}));
  Tensor x = d.sample(Key(3), {500});
  EXPECT_EQ(x.shape(), (Shape{500, 3}));
  EXPECT_TRUE(all_of(x >= Tensor{-1.0, 0.0, 2.0}).item<bool>());
  EXPECT_EQ(d.log_prob(1.0)[2].item(), -INFINITY);
  EXPECT_NEAR(d.log_prob(1.0)[1].item(), Normal(0.0, 1.0).log_prob(1.0).item() + std::log(2.0), 1e-14);
}

TEST(Truncated, SaysWhatIsWrong) {
  EXPECT_MESSAGE(Truncated(Normal(0.0, 1.0), {}).log_prob(0.0), "Truncated: neither lower nor upper was given");
  EXPECT_MESSAGE(Truncated(Normal(0.0, 1.0), {.lower = 2.0, .upper = 1.0}).log_prob(0.0),
                 "upper must be greater than lower");
  EXPECT_MESSAGE(Truncated(Normal(0.0, -1.0), {.lower = 2.0}).log_prob(0.0), "Normal: scale must be positive");
  EXPECT_MESSAGE(Truncated(Dirichlet(Tensor{1.0, 1.0}), {.lower = 0.2}).log_prob(0.0), "Dirichlet has none");
  EXPECT_MESSAGE(Truncated(Normal(Tensor{0.0, 1.0}, 1.0), {.lower = Tensor{1.0, 2.0, 3.0}}).log_prob(0.0),
                 "cannot broadcast bounds [3]");
  EXPECT_MESSAGE(Truncated(Distribution(), {.lower = 0.0}), "Truncated: an empty Distribution was given");
}

TEST(Censored, DrawsPileUpAtTheBounds) {
  Distribution d = Censored(Normal(0.5, 2.0), {.lower = -1.0, .upper = 3.0});
  Tensor x = d.sample(Key(1), {kDraws});
  EXPECT_LT(share_score(x == -1.0, Normal(0.5, 2.0).cdf(-1.0).item()), 4.5);
  EXPECT_LT(share_score(x == 3.0, Normal(0.5, 2.0).survival(3.0).item()), 4.5);
  EXPECT_LT(share_score(x < 0.5, 0.5), 4.5);
}

TEST(Censored, IndicatorsChooseBetweenDensityAndTail) {
  const Tensor x{1.0, 4.0, 2.5}, censored{0.0, 1.0, 1.0};
  Tensor l = RightCensored(Exponential(0.5), censored).log_prob(x);
  EXPECT_NEAR(l[0].item(), std::log(0.5) - 0.5, 1e-15);
  EXPECT_NEAR(l[1].item(), -2.0, 1e-15);
  EXPECT_NEAR(l[2].item(), -1.25, 1e-15);
  // d/drate of the sum: 1/rate - x0 - x1 - x2.
  auto f = [&](Tensor rate) { return sum(RightCensored(Exponential(rate), censored).log_prob(x)); };
  EXPECT_NEAR(grad(f)(Tensor(0.5)).item(), 2.0 - 7.5, 1e-13);
}

TEST(Censored, IntervalsOfEveryKind) {
  Distribution n = Normal(1.0, 2.0);
  Tensor pairs{{0.0, 2.0}, {0.0, 2.0}, {0.0, 2.0}, {0.0, 2.0}};
  Distribution d =
      IntervalCensored(n, {.left_censored = Tensor{0.0, 1.0, 0.0, 1.0}, .right_censored = Tensor{0.0, 0.0, 1.0, 1.0}});
  Tensor l = d.log_prob(pairs);
  const double below = n.cdf(0.0).item(), upto = n.cdf(2.0).item();
  EXPECT_NEAR(l[0].item(), std::log(upto - below), 1e-14);
  EXPECT_NEAR(l[1].item(), std::log(upto), 1e-14);
  EXPECT_NEAR(l[2].item(), std::log(1 - below), 1e-14);
  EXPECT_NEAR(l[3].item(), std::log(1 - upto + below), 1e-14);
  EXPECT_EQ(d.event_shape(), (Shape{2}));
}

TEST(Mixture, GradientsStayFiniteOutsideOfAComponent) {
  auto f = [](Tensor rate) { return Mixture(Tensor{0.4, 0.6}, {Normal(0.0, 1.0), Gamma(2.0, rate)}).log_prob(-1.0); };
  EXPECT_NEAR(f(1.0).item(), std::log(0.4) + Normal(0.0, 1.0).log_prob(-1.0).item(), 1e-14);
  EXPECT_EQ(grad(f)(Tensor(1.0)).item(), 0.0);
}

TEST(Mixture, OfVectors) {
  Distribution a = Normal(Tensor{0.0, 0.0}, 1.0).to_event(), b = Normal(Tensor{3.0, -3.0}, 2.0).to_event();
  Distribution d = Mixture(Tensor{0.25, 0.75}, {a, b});
  Tensor x{1.0, 2.0};
  EXPECT_EQ(d.event_shape(), (Shape{2}));
  EXPECT_NEAR(d.log_prob(x).item(),
              std::log(0.25 * std::exp(a.log_prob(x).item()) + 0.75 * std::exp(b.log_prob(x).item())), 1e-14);
  auto m = d.mean().to_vector<double>(), v = d.variance().to_vector<double>();
  EXPECT_NEAR(m[0], 2.25, 1e-15);
  EXPECT_NEAR(v[1], 0.25 * 1 + 0.75 * 4 + 0.25 * 0.75 * 9, 1e-14);
  EXPECT_EQ(d.sample(Key(0), {7}).shape(), (Shape{7, 2}));
}

TEST(Mixture, OfIntervalsThatDiffer) {
  Distribution d = MixtureSameFamily(Categorical(Tensor{0.5, 0.5}), Uniform(Tensor{0.0, 2.0}, Tensor{1.0, 4.0}));
  EXPECT_NEAR(d.log_prob(0.5).item(), std::log(0.5), 1e-15);
  EXPECT_NEAR(d.log_prob(3.0).item(), std::log(0.25), 1e-15);
  EXPECT_EQ(d.log_prob(1.5).item(), -INFINITY);
  EXPECT_EQ(d.log_prob(5.0).item(), -INFINITY);
  EXPECT_NEAR(d.cdf(1.5).item(), 0.5, 1e-15);
}

TEST(Mixture, SaysWhatIsWrong) {
  const std::vector<Distribution> two{Normal(0.0, 1.0), Exponential(1.0)};
  EXPECT_MESSAGE(Mixture(Tensor{0.2, 0.3, 0.5}, two).log_prob(0.0), "Mixture: 2 components, but 3 weights");
  EXPECT_MESSAGE(Mixture(Tensor{0.2, 0.3}, two).log_prob(0.0), "probs must be nonnegative numbers that sum to 1");
  EXPECT_MESSAGE(Mixture(Normal(0.0, 1.0), two).log_prob(0.0),
                 "the weights must be a Categorical, but they are a Normal");
  EXPECT_MESSAGE(Mixture(Tensor{0.5, 0.5}, {Normal(0.0, 1.0), Poisson(1.0)}).log_prob(0.0), "no simple union");
  EXPECT_MESSAGE(Mixture(Tensor{1.0}, {}).log_prob(0.0), "no components were given");
}

TEST(Hurdle, DrawsOfAContinuousBase) {
  Tensor x = HurdleGamma(0.3, 2.0, 1.0).sample(Key(1), {kDraws});
  EXPECT_LT(share_score(x == 0.0, 0.3), 4.5);
  EXPECT_LT(share_score(x > 2.0, 0.7 * 3.0 * std::exp(-2.0)), 4.5);
}

TEST(ZeroInflated, SaysWhatIsWrong) {
  EXPECT_MESSAGE(ZeroInflated(Normal(0.0, 1.0), 0.3).log_prob(0.0),
                 "the base must be a discrete distribution of numbers, but it is a Normal");
  EXPECT_MESSAGE(ZeroInflatedPoisson(1.3, 2.0).log_prob(0),
                 "ZeroInflatedPoisson: gate must be in [0, 1], but gate = 1.3");
  EXPECT_MESSAGE(NegativeBinomial({.mean = 1.0, .probs = 0.3}).log_prob(0),
                 "give mean and concentration, or total_count and probs");
}

TEST(Transformed, IsThePushForward) {
  Distribution d = Normal(0.3, 0.8).transformed(transforms::exp()), log_normal = LogNormal(0.3, 0.8);
  for (double x : {0.2, 1.0, 7.0}) {
    EXPECT_NEAR(d.log_prob(x).item(), log_normal.log_prob(x).item(), 1e-14);
    EXPECT_NEAR(d.cdf(x).item(), log_normal.cdf(x).item(), 1e-15);
  }
  EXPECT_EQ(d.log_prob(-1.0).item(), -INFINITY);
  // A bijector of vectors takes dimensions of the batch.
  Distribution simplex = Transformed(Normal(Tensor{0.0, 0.0}, 1.0), transforms::stick_breaking());
  EXPECT_EQ(simplex.event_shape(), (Shape{3}));
  EXPECT_TRUE(all_of(simplex.support().check(simplex.sample(Key(0), {50}))).item<bool>());
  EXPECT_MESSAGE(Transformed(Normal(0.0, 1.0), transforms::ordered()).log_prob(0.0), "maps events of 1 dimensions");
  EXPECT_MESSAGE(Transformed(Poisson(1.0), transforms::exp()).log_prob(0.0), "the base must be continuous");
}

TEST(GaussianCopula, DrawsHaveMarginalsAndCorrelation) {
  Tensor R{{1.0, 0.6}, {0.6, 1.0}};
  Tensor x = GaussianCopula(Exponential(Tensor{1.0, 2.0}), {.correlation_matrix = R}).sample(Key(1), {kDraws});
  for (int i = 0; i < 2; ++i) EXPECT_LT(share_score(x(all, i) < std::log(2.0) / (i + 1), 0.5), 4.5);
  // Both below their medians: 1/4 + asin(0.6) / (2 pi).
  Tensor both = (x(all, 0) < std::log(2.0)) & (x(all, 1) < 0.5 * std::log(2.0));
  EXPECT_LT(share_score(both, 0.25 + std::asin(0.6) / (2 * std::acos(-1.0))), 4.5);
  EXPECT_MESSAGE(GaussianCopula(Normal(0.0, 1.0), {}).log_prob(Tensor{0.0, 0.0}),
                 "give either correlation_matrix or correlation_cholesky");
}

TEST(CustomDist, OfLambdas) {
  Tensor rate{1.0, 2.0};
  Distribution d = CustomDist([&](const Tensor& x) { return log(rate) - rate * x; },
                              [&](const Key& key, const Shape& shape) { return exponential(key, shape) / rate; },
                              {.parameters = {rate}, .support = constraints::positive, .name = "Waiting"});
  EXPECT_EQ(d.name(), "Waiting");
  EXPECT_EQ(d.batch_shape(), (Shape{2}));
  EXPECT_NEAR(d.log_prob(0.5)[1].item(), std::log(2.0) - 1.0, 1e-15);
  EXPECT_EQ(d.log_prob(-0.5)[1].item(), -INFINITY);
  EXPECT_EQ(d.sample(Key(0), {5}).shape(), (Shape{5, 2}));
  Distribution silent = CustomDist([](const Tensor& x) { return -x; }, {.support = constraints::positive});
  EXPECT_NEAR(silent.log_prob(2.0).item(), -2.0, 0.0);
  EXPECT_MESSAGE(silent.sample(Key(0)), "CustomDist: no sample function was given");
}

TEST(Delta, IsAPoint) {
  Distribution d = Delta(Tensor{1.0, 2.0}, {.log_density = 0.5, .event_dim = 1});
  EXPECT_EQ(d.log_prob(Tensor{1.0, 2.0}).item(), 0.5);
  EXPECT_EQ(d.log_prob(Tensor{1.0, 2.5}).item(), -INFINITY);
  EXPECT_TRUE(Delta(3).support().discrete());
  EXPECT_EQ(Delta(1.5).cdf(Tensor{1.0, 1.5, 2.0}).to_vector<double>(), (std::vector<double>{0, 1, 1}));
}

TEST(JointCategorical, HasItsMasses) {
  Tensor probs{{0.1, 0.2, 0.05}, {0.3, 0.25, 0.1}};
  Distribution d = JointCategorical(probs);
  EXPECT_EQ(d.event_shape(), (Shape{2}));
  EXPECT_NEAR(d.log_prob(Tensor{1, 2}).item(), std::log(0.1), 1e-15);
  EXPECT_EQ(d.log_prob(Tensor{1, 3}).item(), -INFINITY);
  Tensor x = d.sample(Key(3), {kDraws});
  EXPECT_LT(share_score((x(all, 0) == 1) & (x(all, 1) == 0), 0.3), 4.5);
  EXPECT_LT(share_score(x(all, 1) == 1, 0.45), 4.5);
  EXPECT_NEAR(sum(exp(d.log_prob(d.enumerate_support()))).item(), 1.0, 1e-14);
  EXPECT_NEAR(JointCategorical(2.0 * probs).log_prob(Tensor{1, 2}).item(), std::log(0.1), 1e-15);
  EXPECT_MESSAGE(JointCategorical(probs, {.event_dim = 3}), "JointCategorical: event_dim 3 does not fit probs [2, 3]");
  EXPECT_MESSAGE(JointCategorical(-probs).log_prob(Tensor{0, 0}), "JointCategorical: probs must be nonnegative");
}

}  // namespace
