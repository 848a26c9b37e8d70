// Vectors ordered by a graph.
#include <gtest/gtest.h>

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/distributions/normal.h"
#include "nuthatch/handlers.h"
#include "nuthatch/linalg.h"
#include "nuthatch/log_density.h"
#include "nuthatch/math.h"
#include "nuthatch/partial_order.h"
#include "nuthatch/transform.h"
#include "tests/errors/messages.h"

using namespace nuthatch;

namespace {

const Tensor kDiamond{{0, 1, 1, 0}, {0, 0, 0, 1}, {0, 0, 0, 1}, {0, 0, 0, 0}};

TEST(PartialOrder, MapsElementByElement) {
  const Bijector f = transforms::partial_order(kDiamond);
  const Tensor x{0.5, 1.0, -2.0, 0.3};
  const double y0 = 0.5, y1 = y0 + std::exp(1.0), y2 = y0 + std::exp(-2.0), y3 = y1 + std::exp(0.3);
  const std::vector<double> y = f(x).to_vector<double>();
  EXPECT_NEAR(y[0], y0, 1e-15);
  EXPECT_NEAR(y[1], y1, 1e-15);
  EXPECT_NEAR(y[2], y2, 1e-15);
  EXPECT_NEAR(y[3], y3, 1e-15);
  EXPECT_NEAR(f.log_abs_det_jacobian(x).item(), 1.0 - 2.0 + 0.3, 1e-15);
}

TEST(PartialOrder, OfAChainIsOrdered) {
  const Tensor chain{{0, 1, 0}, {0, 0, 1}, {0, 0, 0}}, x{{0.1, -1.0, 2.0}, {3.0, 0.0, -4.0}};
  const Bijector f = transforms::partial_order(chain), g = transforms::ordered();
  EXPECT_EQ(f(x).to_vector(), g(x).to_vector());
  EXPECT_EQ(f.log_abs_det_jacobian(x).to_vector(), g.log_abs_det_jacobian(x).to_vector());
}

TEST(PartialOrder, TellsInsideFromOutside) {
  const Constraint set = constraints::partial_order(kDiamond);
  EXPECT_TRUE(set.check(Tensor{0.0, 3.0, 1.0, 4.0}).item<bool>());
  EXPECT_TRUE(set.check(Tensor{0.0, 1.0, 3.0, 4.0}).item<bool>());
  EXPECT_FALSE(set.check(Tensor{0.0, 1.0, 3.0, 2.0}).item<bool>());
  EXPECT_FALSE(set.check(Tensor{2.0, 1.0, 3.0, 4.0}).item<bool>());
  EXPECT_TRUE(all_of(set.check(set.feasible({5, 4}))).item<bool>());
  EXPECT_TRUE(set.violation(Tensor{0.0, 1.0, 3.0, 2.0}, "x").has_value());
}

/// The probability that four standard normal numbers are in this order is the share of orderings: the lowest is 0, the
/// highest 3, of two kinds out of 24.
TEST(PartialOrder, RestrictsADensity) {
  auto model = [] { sample("x", Normal(0.0, 1.0).expand({4}).to_event().restricted(constraints::partial_order(kDiamond))); };
  const LogDensity d = log_density(model);
  ASSERT_EQ(d.dim(), 4);
  // Importance sampling from normal numbers in unconstrained space.
  const std::int64_t n = 200000;
  const Tensor sd{1.2, 1.2, 1.2, 1.2}, mean_of{-1.0, -0.2, -0.2, -0.2};
  const Tensor z = mean_of + sd * normal(Key(3), {n, 4});
  const Tensor weight = exp(jit(vmap([&](const Tensor& at) { return d(at) - sum(Normal(mean_of, sd).log_prob(at)); }))(z));
  const double estimate = mean(weight).item(), error = stddev(weight).item() / std::sqrt(double(n));
  EXPECT_LT(error, 0.01 * estimate);
  EXPECT_NEAR(estimate, 2.0 / 24, 5 * error);
}

TEST(PartialOrder, Errors) {
  auto contains = [](const std::string& text, const std::string& part) { EXPECT_NE(text.find(part), std::string::npos) << text; };
  contains(text_of_error([] { constraints::partial_order(Tensor{{0, 1}, {1, 0}}); }), "partial_order_test.cpp");
  contains(text_of_error([] { constraints::partial_order(Tensor{{0, 1}, {1, 0}}); }), "the graph has a cycle");
  contains(text_of_error([] { constraints::partial_order(Tensor{{1, 0}, {0, 0}}); }), "the graph has a cycle");
  contains(text_of_error([] { constraints::partial_order(zeros({2, 3})); }), "square matrix, or a batch of them, but it has shape [2, 3]");
  contains(text_of_error([] { constraints::partial_order(Tensor{{0, 2}, {0, 0}}); }), "zeros and ones, but it contains 2");
  contains(text_of_error([] { transforms::partial_order(kDiamond)(zeros(3)); }), "a graph of 4 vertices for a value of shape [3]");
}

}  // namespace
