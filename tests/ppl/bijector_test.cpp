// Bijectors: round trips, log determinants against numerical Jacobians, printed reference values.
#include <cmath>
#include <functional>

#include <gtest/gtest.h>

#include "nuthatch/array.h"
#include "nuthatch/bijectors.h"
#include "nuthatch/index.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "nuthatch/random.h"

using namespace nuthatch;

namespace {

struct Case {
  std::string name;
  Constraint set;
  Shape shape;                         // of a value
  std::function<Tensor(Tensor)> chart; // coordinates of a value, as many as it has degrees of freedom
};

Tensor lower(const Tensor& x, bool strict) {
  std::vector<Tensor> parts;
  for (std::int64_t i = 0; i < x.size(-1); ++i)
    for (std::int64_t j = 0; j < i + (strict ? 0 : 1); ++j) parts.push_back(x(i, j));
  return stack(parts);
}

std::vector<Case> cases() {
  auto same = [](Tensor y) { return flatten(y); };
  auto but_last = [](Tensor y) { return y[until(-1)]; };
  return {{"real", constraints::real, {3}, same},
          {"positive", constraints::positive, {3}, same},
          {"nonnegative", constraints::nonnegative, {2}, same},
          {"greater_than", constraints::greater_than(-2.0), {3}, same},
          {"less_than", constraints::less_than(Tensor{1.0, 2.0, 5.0}), {3}, same},
          {"unit_interval", constraints::unit_interval, {3}, same},
          {"interval", constraints::interval(-1.0, Tensor{3.0, 4.0}), {2}, same},
          {"simplex", constraints::simplex, {4}, but_last},
          {"ordered", constraints::ordered, {4}, same},
          {"positive_ordered", constraints::positive_ordered, {4}, same},
          {"corr_cholesky", constraints::corr_cholesky, {4, 4}, [](Tensor y) { return lower(y, true); }},
          {"lower_cholesky", constraints::lower_cholesky, {3, 3}, [](Tensor y) { return lower(y, false); }},
          {"positive_definite", constraints::positive_definite, {3, 3}, [](Tensor y) { return lower(y, false); }}};
}

/// log |det| of a small matrix by elimination.
double log_abs_det(std::vector<std::vector<double>> a) {
  double result = 0;
  const std::size_t n = a.size();
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k; i < n; ++i)
      if (std::abs(a[i][k]) > std::abs(a[pivot][k])) pivot = i;
    std::swap(a[k], a[pivot]);
    result += std::log(std::abs(a[k][k]));
    for (std::size_t i = k + 1; i < n; ++i)
      for (std::size_t j = n; j-- > k;) a[i][j] -= a[i][k] / a[k][k] * a[k][j];
  }
  return result;
}

TEST(Bijector, RoundTrip) {
  for (const Case& c : cases()) {
    Bijector t = biject_to(c.set);
    Shape u = t.unconstrained_shape(c.shape);
    EXPECT_EQ(t.constrained_shape(u), c.shape) << c.name;
    Tensor x = 1.5 * normal(Key(7), u);
    Tensor y = t.forward(x);
    EXPECT_EQ(y.shape(), c.shape) << c.name;
    EXPECT_TRUE(all_of(c.set.check(y)).item<bool>()) << c.name;
    EXPECT_FALSE(c.set.violation(y, "y")) << c.name;
    auto back = flatten(t.inverse(y)).to_vector<double>(), expected = flatten(x).to_vector<double>();
    ASSERT_EQ(back.size(), expected.size());
    for (std::size_t i = 0; i < back.size(); ++i) EXPECT_NEAR(back[i], expected[i], 1e-11) << c.name;
  }
}

TEST(Bijector, LogDeterminantIsThatOfTheNumericalJacobian) {
  for (const Case& c : cases()) {
    Bijector t = biject_to(c.set);
    Shape shape = t.unconstrained_shape(c.shape);
    Tensor x = 0.7 * normal(Key(11), shape);
    const std::int64_t n = shape.num_elements();
    auto chart_at = [&](std::int64_t i, double step) {
      Tensor moved = reshape(flatten(x).at(i).add(step), shape);
      return c.chart(t.forward(moved)).to_vector<double>();
    };
    const double h = 1e-4;
    std::vector<std::vector<double>> jacobian(shape.num_elements(), std::vector<double>(shape.num_elements()));
    for (std::int64_t i = 0; i < n; ++i) {
      auto a = chart_at(i, h), b = chart_at(i, -h), a2 = chart_at(i, 2 * h), b2 = chart_at(i, -2 * h);
      ASSERT_EQ(std::int64_t(a.size()), n) << c.name;
      for (std::size_t j = 0; j < a.size(); ++j)
        jacobian[j][std::size_t(i)] = (8 * (a[j] - b[j]) - (a2[j] - b2[j])) / (12 * h);
    }
    auto [y, log_det] = t.forward_and_log_det(x);
    EXPECT_EQ(log_det.shape(), Shape(x.shape().begin(), x.shape().end() - t.event_dim())) << c.name;
    EXPECT_NEAR(sum(log_det).item(), log_abs_det(jacobian), 1e-9) << c.name;
    EXPECT_EQ(flatten(y).to_vector(), flatten(t.forward(x)).to_vector()) << c.name;
  }
}

TEST(Bijector, ReferenceValues) {
  auto [a, log_a] = transforms::stick_breaking().forward_and_log_det(Tensor{0.0, 0.0});
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(a[i].item(), 1.0 / 3.0, 1e-15);
  EXPECT_NEAR(log_a.item(), -3.2958368660, 1e-10);
  auto [b, log_b] = transforms::stick_breaking().forward_and_log_det(Tensor{0.5, -1.0, 2.0});
  const double expected[] = {0.3546612444, 0.1002613801, 0.4801025596, 0.0649748159};
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(b[i].item(), expected[i], 1e-10);
  EXPECT_NEAR(log_b.item(), -6.8040779521, 1e-10);
  auto [L, log_L] = transforms::corr_cholesky().forward_and_log_det(Tensor{0.3, -0.2, 0.5});
  const double rows[3][3] = {{1, 0, 0}, {0.2913126125, 0.9566279119, 0}, {-0.1973753202, 0.4530263875, 0.8693733808}};
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 3; ++j) EXPECT_NEAR(L(i, j).item(), rows[i][j], 1e-10);
  EXPECT_NEAR(log_L.item(), -0.3885147693, 1e-10);
}

TEST(Bijector, BatchesAndIndependent) {
  Bijector t = biject_to(constraints::simplex);
  Tensor x = normal(Key(2), {5, 3});
  auto [y, log_det] = t.forward_and_log_det(x);
  EXPECT_EQ(y.shape(), (Shape{5, 4}));
  EXPECT_EQ(log_det.shape(), (Shape{5}));
  auto [z, whole] = t.independent(1).forward_and_log_det(x);
  EXPECT_NEAR(whole.item(), sum(log_det).item(), 1e-12);
  EXPECT_EQ(biject_to(Constraint(constraints::positive).independent(2)).log_abs_det_jacobian(x).shape(), Shape{});
  EXPECT_THROW(biject_to(constraints::boolean), Error);
}

TEST(Bijector, ExtremeCoordinatesStayFinite) {
  for (double u : {-700.0, -40.0, 40.0, 700.0}) {
    EXPECT_TRUE(std::isfinite(transforms::sigmoid().log_abs_det_jacobian(u).item()));
    EXPECT_TRUE(all_of(isfinite(transforms::stick_breaking().log_abs_det_jacobian(Tensor{u, -u}))).item<bool>());
    EXPECT_TRUE(all_of(isfinite(transforms::corr_cholesky().log_abs_det_jacobian(Tensor{u, -u, u}))).item<bool>());
  }
}

}  // namespace
