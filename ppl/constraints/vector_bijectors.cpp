// Bijectors of vectors: simplex, increasing sequences, the ball of the sum of absolute values.
#include <array>
#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/bijectors.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"

namespace nuthatch {
namespace {

Shape longer(Shape shape, int by) {
  shape.back() += by;
  return shape;
}

class StickBreaking final : public Bijector::Impl {
 public:
  int event_dim() const override { return 1; }
  Shape inverse_shape(const Shape& y) const override { return longer(y, -1); }
  Shape forward_shape(const Shape& x) const override { return longer(x, 1); }

  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override {
    auto [log_part, log_rest, log_left] = sticks(x);
    // y_k = z_k r_k, r_k what is left before k; triangular Jacobian with diagonal z_k (1 - z_k) r_k.
    return {assemble(log_part, log_rest, log_left), sum(log_part + log_rest + log_left, -1)};
  }
  Tensor forward(const Tensor& x) const override {
    auto [log_part, log_rest, log_left] = sticks(x);
    return assemble(log_part, log_rest, log_left);
  }
  Tensor inverse(const Tensor& y) const override {
    // What is left after k, from the other end, where it is accurate.
    Tensor left = cumsum(y, {.axis = -1, .reverse = true});
    Tensor head = y(ellipsis, until(-1)), rest = left(ellipsis, from(1));
    return log(head) - log(rest) - offset(y.shape().back());
  }
  Constraint codomain() const override { return constraints::simplex; }

 private:
  /// -log(n - k) for k = 1 .. n - 1.
  static Tensor offset(std::int64_t n) {
    std::vector<double> values;
    for (std::int64_t k = 1; k < n; ++k) values.push_back(-std::log(double(n - k)));
    return values;
  }
  /// log z_k, log(1 - z_k) and log of what is left of the stick before k.
  static std::array<Tensor, 3> sticks(const Tensor& x) {
    Tensor shifted = x + offset(x.shape().back() + 1);
    Tensor log_rest = -softplus(shifted);
    Tensor log_left = cumsum(log_rest, -1) - log_rest;
    return {shifted + log_rest, log_rest, log_left};
  }
  static Tensor assemble(const Tensor& log_part, const Tensor& log_rest, const Tensor& log_left) {
    Tensor last = (log_left + log_rest)(ellipsis, from(-1));
    return exp(concat({log_part + log_left, last}, -1));
  }
};

class Ordered final : public Bijector::Impl {
 public:
  explicit Ordered(bool positive) : positive_(positive) {}
  int event_dim() const override { return 1; }
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override {
    return {forward(x), sum(positive_ ? x : x(ellipsis, from(1)), -1)};
  }
  Tensor forward(const Tensor& x) const override {
    if (positive_) return cumsum(exp(x), -1);
    return cumsum(concat({x(ellipsis, until(1)), exp(x(ellipsis, from(1)))}, -1), -1);
  }
  Tensor inverse(const Tensor& y) const override {
    Tensor first = y(ellipsis, until(1));
    return concat({positive_ ? log(first) : first, log(diff(y))}, -1);
  }
  Constraint codomain() const override { return positive_ ? constraints::positive_ordered : constraints::ordered; }

 private:
  bool positive_;
};

class SimplexToOrdered final : public Bijector::Impl {
 public:
  explicit SimplexToOrdered(Tensor anchor) : anchor_(std::move(anchor)) {}
  int event_dim() const override { return 1; }
  Shape inverse_shape(const Shape& y) const override { return longer(y, 1); }
  Shape forward_shape(const Shape& x) const override { return longer(x, -1); }
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override {
    auto [log_below, log_above] = log_parts(x);
    // d logit(s) / ds = 1 / (s (1 - s)).
    return {anchor() + (log_below - log_above), -sum(log_below + log_above, -1)};
  }
  Tensor inverse(const Tensor& y) const override {
    // Differences of the logistic function: each side from its own end.
    Tensor z = y - anchor(), below = sigmoid(z), above = sigmoid(-z);
    Tensor inner = z(ellipsis, from(1)), outer = z(ellipsis, until(-1));
    Tensor middle = exp(log1mexp(inner - outer) - softplus(-inner) - softplus(outer));
    return concat({below(ellipsis, until(1)), middle, above(ellipsis, from(-1))}, -1);
  }
  Constraint domain() const override { return constraints::simplex; }
  Constraint codomain() const override { return constraints::ordered; }

 private:
  /// log of the sum up to k, and of the rest, k = 1 .. n - 1.
  static std::pair<Tensor, Tensor> log_parts(const Tensor& x) {
    Tensor below = cumsum(x, -1), above = cumsum(x, {.axis = -1, .reverse = true});
    return {log(below(ellipsis, until(-1))), log(above(ellipsis, from(1)))};
  }
  Tensor anchor() const { return anchor_.shape().empty() ? anchor_ : expand_dims(anchor_, -1); }
  Tensor anchor_;
};

class L1Ball final : public Bijector::Impl {
 public:
  int event_dim() const override { return 1; }
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override {
    // 1 - |tanh(x)| = 2 sigmoid(-2 |x|); 1 - tanh(x)^2 = 4 sigmoid(2 x) sigmoid(-2 x). What is left before k multiplies
    // tanh(x_k): a triangular Jacobian.
    Tensor log_rest = 0.6931471805599453 - softplus(2.0 * abs(x));
    Tensor log_left = cumsum(log_rest, -1) - log_rest;
    Tensor log_slope = 1.3862943611198906 - softplus(2.0 * x) - softplus(-2.0 * x);
    return {tanh(x) * exp(log_left), sum(log_slope + log_left, -1)};
  }
  Tensor inverse(const Tensor& y) const override {
    Tensor size = abs(y), left = 1.0 - (cumsum(size, -1) - size);
    // atanh(y / left) = (log(left + y) - log(left - y)) / 2.
    return 0.5 * (log(left + y) - log(left - y));
  }
  Constraint codomain() const override { return constraints::l1_ball; }
};

}  // namespace

namespace transforms {
Bijector stick_breaking() { return Bijector(share<StickBreaking>()); }
Bijector ordered() { return Bijector(share<Ordered>(false)); }
Bijector positive_ordered() { return Bijector(share<Ordered>(true)); }
Bijector simplex_to_ordered(const Tensor& anchor) { return Bijector(share<SimplexToOrdered>(anchor)); }
Bijector l1_ball() { return Bijector(share<L1Ball>()); }
}  // namespace transforms

}  // namespace nuthatch
