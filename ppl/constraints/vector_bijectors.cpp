// Bijectors of vectors: simplex and increasing sequences.
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
  Shape unconstrained_shape(const Shape& y) const override { return longer(y, -1); }
  Shape constrained_shape(const Shape& x) const override { return longer(x, 1); }

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

 private:
  bool positive_;
};

}  // namespace

namespace transforms {
Bijector stick_breaking() { return Bijector(std::make_shared<StickBreaking>()); }
Bijector ordered() { return Bijector(std::make_shared<Ordered>(false)); }
Bijector positive_ordered() { return Bijector(std::make_shared<Ordered>(true)); }
}  // namespace transforms

}  // namespace nuthatch
