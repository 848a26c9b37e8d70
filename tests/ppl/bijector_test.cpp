// Bijectors: round trips, log determinants against Jacobians from automatic differentiation, shapes, compositions,
// images of sets, printed reference values.
#include <cmath>
#include <functional>

#include <gtest/gtest.h>

#include "nuthatch/array.h"
#include "nuthatch/bijectors.h"
#include "nuthatch/index.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "nuthatch/partial_order.h"
#include "nuthatch/random.h"
#include "nuthatch/transform.h"

using namespace nuthatch;

namespace {

using Chart = std::function<Tensor(Tensor)>;

struct Case {
  std::string name;
  Bijector map;  // from unconstrained space
  Shape shape;   // of a value
  Chart chart;   // coordinates of a value, as many as it has degrees of freedom
};

Tensor lower(const Tensor& x, bool strict) {
  std::vector<Tensor> parts;
  for (std::int64_t i = 0; i < x.size(-1); ++i)
    for (std::int64_t j = 0; j < i + (strict ? 0 : 1); ++j) parts.push_back(x(i, j));
  return stack(parts);
}

std::vector<Case> cases() {
  namespace t = transforms;
  auto same = [](Tensor y) { return flatten(y); };
  auto but_last = [](Tensor y) { return y[until(-1)]; };
  auto strict = [](Tensor y) { return lower(y, true); };
  auto whole = [](Tensor y) { return lower(y, false); };
  auto onto = [](const Constraint& set) { return biject_to(set); };
  const Tensor L{{1.4, 0.0}, {0.5, 0.8}}, A{{0.5, 0.3}, {-0.2, 0.9}};
  const Tensor diamond{{0, 1, 1, 0}, {0, 0, 0, 1}, {0, 0, 0, 1}, {0, 0, 0, 0}};
  return {{"real", onto(constraints::real), {3}, same},
          {"positive", onto(constraints::positive), {3}, same},
          {"nonnegative", onto(constraints::nonnegative), {2}, same},
          {"softplus_positive", onto(constraints::softplus_positive), {3}, same},
          {"greater_than", onto(constraints::greater_than(-2.0)), {3}, same},
          {"greater_than_eq", onto(constraints::greater_than_eq(-2.0)), {3}, same},
          {"less_than", onto(constraints::less_than(Tensor{1.0, 2.0, 5.0})), {3}, same},
          {"less_than_eq", onto(constraints::less_than_eq(1.0)), {3}, same},
          {"unit_interval", onto(constraints::unit_interval), {3}, same},
          {"interval", onto(constraints::interval(-1.0, Tensor{3.0, 4.0})), {2}, same},
          {"open_interval", onto(constraints::open_interval(-1.0, 2.0)), {2}, same},
          {"circular", onto(constraints::circular), {2}, same},
          {"real_matrix", onto(constraints::real_matrix()), {2, 2}, same},
          {"simplex", onto(constraints::simplex), {4}, but_last},
          {"ordered", onto(constraints::ordered), {4}, same},
          {"positive_ordered", onto(constraints::positive_ordered), {4}, same},
          {"l1_ball", onto(constraints::l1_ball), {4}, same},
          {"partial_order", onto(constraints::partial_order(diamond)), {4}, same},
          {"partial_order of a batch", onto(constraints::partial_order(stack({diamond, transpose(diamond)}))), {2, 4}, same},
          {"corr_cholesky", onto(constraints::corr_cholesky), {4, 4}, strict},
          {"corr_matrix", onto(constraints::corr_matrix), {4, 4}, strict},
          {"lower_cholesky", onto(constraints::lower_cholesky), {3, 3}, whole},
          {"softplus_lower_cholesky", onto(constraints::softplus_lower_cholesky), {3, 3}, whole},
          {"scaled_unit_lower_cholesky", onto(constraints::scaled_unit_lower_cholesky), {3, 3}, whole},
          {"positive_definite", onto(constraints::positive_definite), {3, 3}, whole},
          {"affine", t::affine(Tensor{1.0, 2.0}, Tensor{-2.0, 0.3}), {2}, same},
          {"tanh", t::tanh(), {3}, same},
          {"power", t::exp() >> t::power(-1.7), {3}, same},
          {"exp then exp", t::exp() >> t::exp(2.0), {3}, same},
          {"simplex_to_ordered", t::stick_breaking() >> t::simplex_to_ordered(0.4), {3}, same},
          {"simplex and back", t::stick_breaking() >> t::stick_breaking().inverse(), {3}, same},
          {"permute", t::permute({2, 0, 3, 1}), {4}, same},
          {"reshape", t::reshape({6}, {2, 3}), {2, 3}, same},
          {"reshape to a vector", t::reshape({2, 3}, {6}) >> t::permute({5, 4, 3, 2, 1, 0}), {6}, same},
          {"lower_cholesky_affine", t::lower_cholesky_affine(Tensor{1.0, -1.0}, L), {2}, same},
          {"recursive_linear", t::recursive_linear(A, Tensor{0.4, -0.4}), {3, 2}, same},
          {"recursive_linear from zero", t::recursive_linear(A), {3, 2}, same},
          {"haar", t::haar(), {7}, same},
          {"haar of columns", t::haar(-2, true), {4, 2}, same},
          {"discrete_cosine", t::discrete_cosine(), {5}, same},
          {"discrete_cosine of columns", t::discrete_cosine(-2, 1.0), {4, 2}, same},
          {"cholesky", t::positive_definite() >> t::cholesky(), {3, 3}, whole},
          {"corr_matrix_cholesky", t::corr_matrix() >> t::corr_matrix_cholesky(), {3, 3}, strict},
          {"positive times", t::softplus() >> t::affine(0.0, 3.0) >> t::exp(), {2}, same}};
}

/// log |det| of a small matrix by elimination.
double log_abs_det(const Tensor& matrix) {
  const std::size_t n = std::size_t(matrix.size(0));
  std::vector<std::vector<double>> a;
  for (std::size_t i = 0; i < n; ++i) a.push_back(matrix[std::int64_t(i)].to_vector<double>());
  double result = 0;
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

void expect_near(const Tensor& a, const Tensor& b, double tolerance, const std::string& what) {
  ASSERT_EQ(a.shape(), b.shape()) << what;
  auto x = flatten(a).to_vector<double>(), y = flatten(b).to_vector<double>();
  for (std::size_t i = 0; i < x.size(); ++i) EXPECT_NEAR(x[i], y[i], tolerance) << what << " element " << i;
}

TEST(Bijector, RoundTrip) {
  for (const Case& c : cases()) {
    Shape u = c.map.inverse_shape(c.shape);
    EXPECT_EQ(c.map.forward_shape(u), c.shape) << c.name;
    Tensor x = 0.9 * normal(Key(7), u);
    Tensor y = c.map.forward(x);
    EXPECT_EQ(y.shape(), c.shape) << c.name;
    EXPECT_TRUE(all_of(c.map.codomain().check(y)).item<bool>()) << c.name;
    EXPECT_FALSE(c.map.codomain().violation(y, "y")) << c.name;
    expect_near(c.map.inverse(y), x, 1e-10, c.name);
    expect_near(c.map.inverse().forward(y), x, 1e-10, c.name);
  }
}

TEST(Bijector, LogDeterminantIsThatOfTheJacobian) {
  for (const Case& c : cases()) {
    Shape shape = c.map.inverse_shape(c.shape);
    Tensor x = 0.7 * normal(Key(11), shape);
    const std::int64_t n = shape.num_elements();
    Tensor slopes = jacobian([&](const Tensor& v) { return c.chart(c.map.forward(reshape(v, shape))); })(flatten(x));
    ASSERT_EQ(slopes.shape(), (Shape{n, n})) << c.name;
    auto [y, log_det] = c.map.forward_and_log_det(x);
    EXPECT_EQ(log_det.shape(), Shape(x.shape().begin(), x.shape().end() - c.map.event_dim())) << c.name;
    EXPECT_EQ(log_det.shape(), Shape(y.shape().begin(), y.shape().end() - c.map.codomain_event_dim())) << c.name;
    EXPECT_NEAR(sum(log_det).item(), log_abs_det(slopes), 1e-11) << c.name;
    expect_near(y, c.map.forward(x), 0.0, c.name);
    auto [back, same_log_det] = c.map.inverse_and_log_det(y);
    expect_near(back, x, 1e-11, c.name);
    expect_near(same_log_det, log_det, 1e-10, c.name);
    auto [again, reversed] = c.map.inverse().forward_and_log_det(y);
    expect_near(reversed, -log_det, 1e-10, c.name);
  }
}

TEST(Bijector, ZeroSumsAreIsometric) {
  for (int dims : {1, 2}) {
    Bijector t = transforms::zero_sum(dims);
    Shape shape = dims == 1 ? Shape{4} : Shape{3, 2};
    Tensor x = normal(Key(3), shape), y = t.forward(x);
    EXPECT_EQ(y.shape(), dims == 1 ? (Shape{5}) : (Shape{4, 3}));
    EXPECT_EQ(t.inverse_shape(y.shape()), shape);
    EXPECT_NEAR(sum(square(y)).item(), sum(square(x)).item(), 1e-13);
    EXPECT_TRUE(all_of(constraints::zero_sum(dims).check(y)).item<bool>());
    expect_near(t.inverse(y), x, 1e-14, "zero_sum");
    // J^T J = 1: lengths, hence volumes, are kept.
    Tensor J = jacobian([&](const Tensor& v) { return flatten(t.forward(reshape(v, shape))); })(flatten(x));
    expect_near(matmul(transpose(J), J), eye(x.size()), 1e-14, "zero_sum");
    EXPECT_EQ(t.log_abs_det_jacobian(x).item(), 0.0);
  }
}

TEST(Bijector, ReferenceValues) {
  auto [a, log_a] = transforms::stick_breaking().forward_and_log_det(Tensor{0.0, 0.0});
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(a[i].item(), 1.0 / 3.0, 1e-15);
  EXPECT_NEAR(log_a.item(), -3.2958368660, 1e-10);
  auto [b, log_b] = transforms::stick_breaking().forward_and_log_det(Tensor{0.5, -1.0, 2.0});
  expect_near(b, Tensor{0.3546612444, 0.1002613801, 0.4801025596, 0.0649748159}, 1e-10, "stick_breaking");
  EXPECT_NEAR(log_b.item(), -6.8040779521, 1e-10);
  auto [L, log_L] = transforms::corr_cholesky().forward_and_log_det(Tensor{0.3, -0.2, 0.5});
  expect_near(L, Tensor{{1.0, 0.0, 0.0}, {0.2913126125, 0.9566279119, 0.0}, {-0.1973753202, 0.4530263875, 0.8693733808}},
              1e-10, "corr_cholesky");
  EXPECT_NEAR(log_L.item(), -0.3885147693, 1e-10);
  expect_near(transforms::zero_sum().forward(Tensor{1.0, 2.0}), Tensor{0.3660254038, 1.3660254038, -1.7320508076}, 1e-10,
              "zero_sum");
  // The cosine transform of a constant is sqrt(n) times it, then zeros; of 1, -1 it is 0, sqrt(2).
  expect_near(transforms::discrete_cosine().forward(Tensor{2.0, 2.0, 2.0, 2.0}), Tensor{4.0, 0.0, 0.0, 0.0}, 1e-15, "dct");
  expect_near(transforms::haar().forward(Tensor{1.0, 3.0, 5.0, 9.0}),
              Tensor{9.0, -5.0, -std::sqrt(2.0), -std::sqrt(8.0)}, 1e-14, "haar");
  // Cutpoints of equal probabilities.
  expect_near(transforms::simplex_to_ordered(1.0).forward(Tensor{0.25, 0.25, 0.25, 0.25}),
              Tensor{1.0 - std::log(3.0), 1.0, 1.0 + std::log(3.0)}, 1e-15, "simplex_to_ordered");
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
  // One element of a batch is what it is alone.
  for (const Case& c : cases()) {
    Shape shape = c.map.inverse_shape(c.shape), many = shape;
    many.insert(many.begin(), 3);
    Tensor u = normal(Key(5), many);
    auto [v, log_dets] = c.map.forward_and_log_det(u);
    auto [alone, log_det_alone] = c.map.forward_and_log_det(u[1]);
    expect_near(v[1], alone, 1e-13, c.name);
    expect_near(log_dets[1], log_det_alone, 1e-12, c.name);
    expect_near(c.map.inverse(v)[1], u[1], 1e-10, c.name);
  }
}

TEST(Bijector, CompositionKnowsItsEvent) {
  namespace t = transforms;
  Bijector f = t::exp() >> t::stick_breaking().inverse().inverse();
  EXPECT_EQ(f.event_dim(), 1);
  Bijector g = t::lower_cholesky() >> t::affine(0.0, 2.0);  // two dimensions come out, all of them one event
  EXPECT_EQ(g.event_dim(), 1);
  EXPECT_EQ(g.codomain_event_dim(), 2);
  EXPECT_EQ(g.log_abs_det_jacobian(normal(Key(1), {4, 6})).shape(), (Shape{4}));
  EXPECT_NEAR(g.log_abs_det_jacobian(Tensor{0.1, 0.2, 0.3, 0.4, 0.5, 0.6}).item(), 1.5 + 9 * std::log(2.0), 1e-14);
  EXPECT_EQ(t::compose({}).forward(2.0).item(), 2.0);
  EXPECT_EQ((t::exp() >> t::affine(0.0, -1.0)).sign().item(), -1.0);
  EXPECT_FALSE((t::exp() >> t::ordered()).sign().defined());
  EXPECT_FALSE((t::abs() >> t::affine(1.0, 1.0)).bijective());
  EXPECT_THROW(t::abs().inverse(), Error);
}

TEST(Bijector, ImagesOfIntervals) {
  namespace t = transforms;
  using Kind = Constraint::Kind;
  auto check = [](const Constraint& set, Kind kind, double low, double high) {
    EXPECT_EQ(set.kind(), kind) << set.description();
    if (set.lower().defined()) EXPECT_NEAR(set.lower().item(), low, 1e-14);
    if (set.upper().defined()) EXPECT_NEAR(set.upper().item(), high, 1e-14);
  };
  check(t::affine(1.0, -2.0).image(constraints::positive), Kind::less_than, 0, 1);
  check(t::affine(1.0, -2.0).image(constraints::interval(0.0, 3.0)), Kind::interval, -5, 1);
  check(t::affine(1.0, 2.0).image(constraints::real), Kind::real, 0, 0);
  check(t::exp().image(constraints::real), Kind::positive, 0, 0);
  check(t::exp().image(constraints::unit_interval), Kind::interval, 1, std::exp(1.0));
  check(t::exp().image(constraints::less_than(0.0)), Kind::interval, 0, 1);
  check(t::sigmoid().image(constraints::greater_than(0.0)), Kind::interval, 0.5, 1);
  check(t::power(-1.0).image(constraints::greater_than(2.0)), Kind::interval, 0, 0.5);
  check(t::power(2.0).image(constraints::unit_interval), Kind::interval, 0, 1);
  check(t::power(-1.0).image(constraints::interval(0.0, 4.0)), Kind::greater_than, 0.25, 0);
  check((t::exp() >> t::affine(0.0, -1.0)).codomain(), Kind::less_than, 0, 0);
  check(t::negative_exp(3.0).image(constraints::interval(0.0, 1.0)), Kind::interval, 3 - std::exp(1.0), 2);
  EXPECT_EQ(t::affine(0.0, 1.0).image(Constraint(constraints::positive).independent(2)).event_dim(), 2);
}

TEST(Bijector, BoundsMayDependOnParameters) {
  // d/db of log |d/dx (a + (b - a) sigmoid(x))| = 1 / (b - a).
  auto f = [](const Tensor& b) { return biject_to(constraints::interval(1.0, b)).log_abs_det_jacobian(0.3); };
  EXPECT_NEAR(grad(f)(Tensor(3.0)).item(), 0.5, 1e-14);
}

TEST(Bijector, ExtremeCoordinatesStayFinite) {
  for (double u : {-700.0, -40.0, 40.0, 700.0}) {
    auto finite = [](const Tensor& x) { return all_of(isfinite(x)).item<bool>(); };
    EXPECT_TRUE(finite(transforms::sigmoid().log_abs_det_jacobian(u)));
    EXPECT_TRUE(finite(transforms::tanh().log_abs_det_jacobian(u)));
    EXPECT_TRUE(finite(transforms::softplus().log_abs_det_jacobian(u)));
    EXPECT_TRUE(finite(transforms::stick_breaking().log_abs_det_jacobian(Tensor{u, -u})));
    EXPECT_TRUE(finite(transforms::l1_ball().log_abs_det_jacobian(Tensor{u, -u})));
    EXPECT_TRUE(finite(transforms::corr_cholesky().log_abs_det_jacobian(Tensor{u, -u, u})));
  }
  // Softplus of -700 is not 0, and its inverse finds back.
  EXPECT_NEAR(transforms::softplus().inverse(transforms::softplus().forward(-700.0)).item(), -700.0, 1e-10);
  EXPECT_NEAR(transforms::softplus().inverse(transforms::softplus().forward(700.0)).item(), 700.0, 1e-10);
}

/// y = x^3 + x, without a closed inverse: one of a user's own.
class Cubic final : public Bijector::Impl {
 public:
  int event_dim() const override { return 0; }
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override {
    return {x * square(x) + x, log(3.0 * square(x) + 1.0)};
  }
  Tensor inverse(const Tensor& y) const override {
    Tensor x = y / (1.0 + pow(abs(y), 2.0 / 3.0));
    for (int i = 0; i < 40; ++i) x = x - (x * square(x) + x - y) / (3.0 * square(x) + 1.0);
    return x;
  }
};

/// Numbers outside of [-1, 1]? No smooth map; the half line beyond a square: [low^2, infinity).
class BeyondSquare final : public Constraint::Rule {
 public:
  explicit BeyondSquare(double root) : square_(root * root) {}
  std::string description() const override { return "beyond a square"; }
  Tensor check(const Tensor& x) const override { return x > square_; }
  Tensor feasible(const Shape& shape) const override { return full(shape, square_ + 1.0); }
  Bijector bijector() const override { return transforms::exp(square_); }

 private:
  double square_;
};

TEST(Bijector, UserDefined) {
  Bijector cubic(share<Cubic>());
  Tensor x{-2.0, 0.1, 3.0};
  expect_near(cubic.inverse(cubic.forward(x)), x, 1e-13, "cubic");
  Bijector both = cubic >> transforms::exp();
  expect_near(both.inverse_and_log_det(both.forward(x)).second, both.log_abs_det_jacobian(x), 1e-11, "cubic then exp");

  Constraint set(share<BeyondSquare>(3.0));
  EXPECT_EQ(biject_to(set).forward(0.0).item(), 10.0);
  EXPECT_EQ(*set.violation(Tensor{10.0, 8.0}, "x"), "x[1] is not");
  EXPECT_FALSE(set.violation(Tensor{10.0, 9.5}, "x"));
  EXPECT_TRUE(all_of(set.check(set.feasible({2}))).item<bool>());
}

TEST(Bijector, Errors) {
  auto message = [](auto&& f) -> std::string {
    try { f(); } catch (const Error& e) { return e.what(); }
    return "";
  };
  EXPECT_NE(message([] { biject_to(constraints::boolean); }).find("discrete set (0 or 1)"), std::string::npos);
  EXPECT_NE(message([] { biject_to(constraints::sphere); }).find("ProjectedNormal"), std::string::npos);
  EXPECT_NE(message([] { transforms::permute({0, 0}); }).find("each once"), std::string::npos);
  EXPECT_NE(message([] { transforms::reshape({2, 3}, {5}); }).find("[2, 3] and [5]"), std::string::npos);
  EXPECT_NE(message([] { transforms::reshape({6}, {2, 3}).forward(zeros(5)); }).find("[5] does not end with [6]"),
            std::string::npos);
  EXPECT_NE(message([] { transforms::haar(0); }).find("must be negative"), std::string::npos);
  EXPECT_NE(message([] { transforms::lower_cholesky_affine(0.0, zeros({2, 3})); }).find("[2, 3]"), std::string::npos);
}

}  // namespace
