// Bijectors of matrices: Cholesky factors, and symmetric positive definite matrices.
#include "nuthatch/array.h"
#include "nuthatch/bijectors.h"
#include "nuthatch/index.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "ppl/constraints/triangular.h"

namespace nuthatch {
namespace {

Shape matrix_shape(const Shape& x, std::int64_t n) {
  Shape result(x.begin(), x.end() - 1);
  result.push_back(n);
  result.push_back(n);
  return result;
}
Shape vector_shape(const Shape& y, std::int64_t elements) {
  Shape result(y.begin(), y.end() - 2);
  result.push_back(elements);
  return result;
}

class CorrCholesky final : public Bijector::Impl {
 public:
  int event_dim() const override { return 1; }
  Shape unconstrained_shape(const Shape& y) const override { return vector_shape(y, y.back() * (y.back() - 1) / 2); }
  Shape constrained_shape(const Shape& x) const override { return matrix_shape(x, detail::triangle_order(x.back())); }

  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override {
    const std::int64_t n = detail::triangle_order(x.shape().back());
    // log(1 - tanh(x)^2) without cancellation.
    Tensor packed = -2.0 * (x + softplus(-2.0 * x) - 0.6931471805599453);
    Tensor log1mt2 = detail::unpack_strict_lower(packed, n);
    auto [L, log_left] = detail::correlation_cholesky(detail::unpack_strict_lower(tanh(x), n), log1mt2);
    // dL_ij/dt_ij = prod_{k<j} sqrt(1 - t_ik^2), dt/dx = 1 - t^2.
    Tensor below = tril(log_left, -1);
    return {L, sum(packed, -1) + sum(below, {.axis = {-2, -1}})};
  }
  Tensor inverse(const Tensor& L) const override {
    Tensor squares = square(L);
    Tensor left = 1.0 - (cumsum(squares, -1) - squares);
    Tensor t = detail::pack_strict_lower(L) * rsqrt(detail::pack_strict_lower(left));
    return 0.5 * (log1p(t) - log1p(-t));
  }
};

class LowerCholesky : public Bijector::Impl {
 public:
  int event_dim() const override { return 1; }
  Shape unconstrained_shape(const Shape& y) const override { return vector_shape(y, y.back() * (y.back() + 1) / 2); }
  Shape constrained_shape(const Shape& x) const override { return matrix_shape(x, order(x)); }
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override {
    const std::int64_t n = order(x.shape());
    Tensor log_diagonal = x(ellipsis, from(-n));
    return {detail::unpack_strict_lower(x(ellipsis, until(-n)), n) + diag(exp(log_diagonal)), sum(log_diagonal, -1)};
  }
  Tensor inverse(const Tensor& L) const override {
    return concat({detail::pack_strict_lower(L), log(diagonal(L))}, -1);
  }

 protected:
  static std::int64_t order(const Shape& x) { return detail::triangle_order(x.back()) - 1; }
};

class PositiveDefinite final : public LowerCholesky {
 public:
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override {
    auto [L, log_det] = LowerCholesky::forward_and_log_det(x);
    // |d(L L^T)/dL| = 2^n prod_i L_ii^(n - i + 1), i = 1 .. n.
    const std::int64_t n = order(x.shape());
    Tensor weights = arange(n, 0, -1).cast(f64);
    Tensor log_volume = sum(weights * x(ellipsis, from(-n)), -1) + double(n) * 0.6931471805599453;
    return {matmul(L, swapaxes(L, -1, -2)), log_det + log_volume};
  }
  Tensor inverse(const Tensor& y) const override { return LowerCholesky::inverse(cholesky(y)); }
};

}  // namespace

namespace transforms {
Bijector corr_cholesky() { return Bijector(std::make_shared<CorrCholesky>()); }
Bijector lower_cholesky() { return Bijector(std::make_shared<LowerCholesky>()); }
Bijector positive_definite() { return Bijector(std::make_shared<PositiveDefinite>()); }
}  // namespace transforms

}  // namespace nuthatch
