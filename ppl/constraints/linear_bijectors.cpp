// Linear maps: rearrangements, zero sums, affine maps of vectors, linear recursions.
#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/bijectors.h"
#include "nuthatch/control.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/index.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"

namespace nuthatch {
namespace {

class Permute final : public Bijector::Impl {
 public:
  Permute(std::vector<std::int64_t> permutation, const Where& where)
      : permutation_(std::move(permutation)), inverted_(permutation_.size(), -1) {
    for (std::size_t i = 0; i < permutation_.size(); ++i) {
      const std::int64_t at = permutation_[i];
      if (at < 0 || at >= std::int64_t(permutation_.size()) || inverted_[std::size_t(at)] != -1)
        throw Error("permute: the indices must be 0 ... " + std::to_string(permutation_.size() - 1) + ", each once", where);
      inverted_[std::size_t(at)] = std::int64_t(i);
    }
  }
  int event_dim() const override { return 1; }
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override { return {forward(x), 0.0}; }
  Tensor forward(const Tensor& x) const override { return take(x, permutation_, -1); }
  Tensor inverse(const Tensor& y) const override { return take(y, inverted_, -1); }

 private:
  std::vector<std::int64_t> permutation_, inverted_;
};

class Reshape final : public Bijector::Impl {
 public:
  Reshape(Shape from, Shape to, const Where& where) : from_(std::move(from)), to_(std::move(to)) {
    if (from_.num_elements() != to_.num_elements())
      throw Error("reshape: " + to_string(from_) + " and " + to_string(to_) + " have different numbers of elements", where);
  }
  int event_dim() const override { return int(from_.size()); }
  int codomain_event_dim() const override { return int(to_.size()); }
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override { return {forward(x), 0.0}; }
  Tensor forward(const Tensor& x) const override { return nuthatch::reshape(x, forward_shape(x.shape())); }
  Tensor inverse(const Tensor& y) const override { return nuthatch::reshape(y, inverse_shape(y.shape())); }
  Shape forward_shape(const Shape& x) const override { return replaced(x, from_, to_); }
  Shape inverse_shape(const Shape& y) const override { return replaced(y, to_, from_); }

 private:
  static Shape replaced(const Shape& shape, const Shape& old, const Shape& now) {
    if (shape.size() < old.size() || detail::trailing(shape, old.size()) != old)
      throw Error("reshape: a value of shape " + to_string(shape) + " does not end with " + to_string(old));
    return detail::join(detail::leading(shape, old.size()), now);
  }
  Shape from_, to_;
};

/// y_i = x_i - s / (n + sqrt(n)) and y_n = -s / sqrt(n), s the sum of x: an isometry from R^(n-1) onto the vectors of R^n
/// orthogonal to (1, ..., 1).
class ZeroSum final : public Bijector::Impl {
 public:
  explicit ZeroSum(int dims) : dims_(dims) {}
  int event_dim() const override { return dims_; }
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override { return {forward(x), 0.0}; }
  Tensor forward(const Tensor& x) const override {
    Tensor y = x;
    for (int axis = -1; axis >= -dims_; --axis) y = extend(y, axis);
    return y;
  }
  Tensor inverse(const Tensor& y) const override {
    Tensor x = y;
    for (int axis = -1; axis >= -dims_; --axis) x = reduce(x, axis);
    return x;
  }
  Shape forward_shape(const Shape& x) const override { return changed(x, 1); }
  Shape inverse_shape(const Shape& y) const override { return changed(y, -1); }
  Constraint codomain() const override { return constraints::zero_sum(dims_); }

 private:
  static Tensor extend(const Tensor& x, int axis) {
    const double n = double(x.size(axis) + 1), root = std::sqrt(n);
    Tensor total = sum(x, {.axis = axis, .keepdims = true});
    return concat({x - total / (root + n), -total / root}, axis);
  }
  static Tensor reduce(const Tensor& y, int axis) {
    const std::int64_t n = y.size(axis);
    const double root = std::sqrt(double(n));
    Tensor total = -root * take(y, Tensor(std::vector<std::int64_t>{n - 1}), axis);
    return take(y, arange(n - 1), axis) + total / (root + double(n));
  }
  Shape changed(Shape shape, int by) const {
    if (int(shape.size()) < dims_)
      throw Error("zero_sum: a value of shape " + to_string(shape) + " has fewer than " + std::to_string(dims_) + " dimensions");
    for (int i = 1; i <= dims_; ++i) shape[shape.size() - std::size_t(i)] += by;
    return shape;
  }
  int dims_;
};

class LowerCholeskyAffine final : public Bijector::Impl {
 public:
  LowerCholeskyAffine(Tensor loc, Tensor scale_tril, const Where& where)
      : loc_(std::move(loc)), scale_tril_(std::move(scale_tril)) {
    const Shape& s = scale_tril_.shape();
    if (s.size() < 2 || s[s.size() - 1] != s[s.size() - 2])
      throw Error("lower_cholesky_affine: scale_tril must be a square matrix, but has shape " + to_string(s), where);
  }
  int event_dim() const override { return 1; }
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override {
    return {forward(x), sum(log(nuthatch::abs(diagonal(scale_tril_))), -1)};
  }
  Tensor forward(const Tensor& x) const override {
    return loc_ + squeeze(matmul(scale_tril_, expand_dims(x, -1)), -1);
  }
  Tensor inverse(const Tensor& y) const override {
    Tensor residual = y - loc_;
    const std::int64_t n = residual.shape().back();
    if (scale_tril_.ndim() == 2) {
      Tensor columns = swapaxes(nuthatch::reshape(residual, {-1, n}), -1, -2);
      return nuthatch::reshape(swapaxes(triangular_solve(scale_tril_, columns), -1, -2), residual.shape());
    }
    Shape batch = *detail::try_broadcast(detail::leading(residual.shape(), 1), detail::leading(scale_tril_.shape(), 2));
    return triangular_solve(detail::broadcast_if_needed(scale_tril_, detail::join(batch, {n, n})),
                            detail::broadcast_if_needed(residual, detail::join(batch, {n})));
  }

 private:
  Tensor loc_, scale_tril_;
};

class RecursiveLinear final : public Bijector::Impl {
 public:
  RecursiveLinear(Tensor transition, Tensor initial, const Where& where)
      : transition_(std::move(transition)), initial_(std::move(initial)) {
    const Shape& s = transition_.shape();
    if (s.size() < 2 || s[s.size() - 1] != s[s.size() - 2])
      throw Error("recursive_linear: the transition must be a square matrix, but has shape " + to_string(s), where);
  }
  int event_dim() const override { return 2; }
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override { return {forward(x), 0.0}; }
  Tensor forward(const Tensor& x) const override {
    Shape state = detail::leading(x.shape(), 2);
    state.push_back(x.shape().back());
    Tensor start = initial_.defined() ? broadcast_to(initial_, state) : zeros(state);
    auto [last, path] = scan(start, moveaxis(x, -2, 0), [&](const Tensor& y, const Tensor& step) {
      Tensor next = applied(y) + step;
      return std::pair(next, next);
    });
    return moveaxis(path, 0, -2);
  }
  /// All steps at once.
  Tensor inverse(const Tensor& y) const override {
    Tensor before = y(ellipsis, until(-1), all);
    Shape first = y.shape();
    first[first.size() - 2] = 1;
    Tensor start = initial_.defined() ? broadcast_to(expand_dims(initial_, -2), first) : zeros(first);
    return y - matmul(concat({start, before}, -2), swapaxes(transition_, -1, -2));
  }

 private:
  Tensor applied(const Tensor& y) const { return squeeze(matmul(transition_, expand_dims(y, -1)), -1); }
  Tensor transition_, initial_;
};

}  // namespace

namespace transforms {
Bijector permute(const std::vector<std::int64_t>& permutation, Where where) {
  return Bijector(share<Permute>(permutation, where));
}
Bijector reshape(const Shape& from, const Shape& to, Where where) { return Bijector(share<Reshape>(from, to, where)); }
Bijector zero_sum(int dims, Where where) {
  if (dims < 1) throw Error("zero_sum: dims must be 1 or more, but it is " + std::to_string(dims), where);
  return Bijector(share<ZeroSum>(dims));
}
Bijector lower_cholesky_affine(const Tensor& loc, const Tensor& scale_tril, Where where) {
  return Bijector(share<LowerCholeskyAffine>(loc, scale_tril, where));
}
Bijector recursive_linear(const Tensor& transition, const Tensor& initial_value, Where where) {
  return Bijector(share<RecursiveLinear>(transition, initial_value, where));
}
}  // namespace transforms

}  // namespace nuthatch
