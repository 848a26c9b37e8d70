// Bijectors onto and between matrices: Cholesky factors, covariance and correlation matrices.
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

constexpr double kLog2 = 0.6931471805599453;

/// n, n - 1, ..., 1.
Tensor descending(std::int64_t n) { return arange(n, 0, -1).cast(f64); }
Tensor square_of(const Tensor& L) { return matmul(L, swapaxes(L, -1, -2)); }

class OntoMatrix : public Bijector::Impl {
 public:
  int event_dim() const override { return 1; }
  int codomain_event_dim() const override { return 2; }
};

class CorrCholesky : public OntoMatrix {
 public:
  Shape inverse_shape(const Shape& y) const override { return vector_shape(y, y.back() * (y.back() - 1) / 2); }
  Shape forward_shape(const Shape& x) const override { return matrix_shape(x, detail::triangle_order(x.back())); }

  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override {
    const std::int64_t n = detail::triangle_order(x.shape().back());
    // log(1 - tanh(x)^2) without cancellation.
    Tensor packed = -2.0 * (x + softplus(-2.0 * x) - kLog2);
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
  Constraint codomain() const override { return constraints::corr_cholesky; }
};

class CorrMatrix final : public CorrCholesky {
 public:
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override {
    auto [L, log_det] = CorrCholesky::forward_and_log_det(x);
    // |dR/dL| = prod_i L_ii^(n - i), i = 1 .. n, in the strict lower triangles.
    Tensor log_volume = sum((descending(L.shape().back()) - 1.0) * log(diagonal(L)), -1);
    return {square_of(L), log_det + log_volume};
  }
  Tensor inverse(const Tensor& y) const override { return CorrCholesky::inverse(nuthatch::cholesky(y)); }
  Constraint codomain() const override { return constraints::corr_matrix; }
};

/// The strict lower triangle, then n numbers that make the diagonal.
class Triangular : public OntoMatrix {
 public:
  Shape inverse_shape(const Shape& y) const override { return vector_shape(y, y.back() * (y.back() + 1) / 2); }
  Shape forward_shape(const Shape& x) const override { return matrix_shape(x, order(x)); }

 protected:
  static std::int64_t order(const Shape& x) { return detail::triangle_order(x.back()) - 1; }
  static Tensor strict_part(const Tensor& x) {
    const std::int64_t n = order(x.shape());
    return detail::unpack_strict_lower(x(ellipsis, until(-n)), n);
  }
  static Tensor diagonal_part(const Tensor& x) { return x(ellipsis, from(-order(x.shape()))); }
};

class LowerCholesky : public Triangular {
 public:
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override {
    Tensor log_diagonal = diagonal_part(x);
    return {strict_part(x) + diag(exp(log_diagonal)), sum(log_diagonal, -1)};
  }
  Tensor inverse(const Tensor& L) const override {
    return concat({detail::pack_strict_lower(L), log(diagonal(L))}, -1);
  }
  Constraint codomain() const override { return constraints::lower_cholesky; }
};

/// log(exp(y) - 1).
Tensor softplus_inverse(const Tensor& y) { return y + log1mexp(y); }

class SoftplusLowerCholesky final : public Triangular {
 public:
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override {
    Tensor d = diagonal_part(x);
    return {strict_part(x) + diag(softplus(d)), -sum(softplus(-d), -1)};
  }
  Tensor inverse(const Tensor& L) const override {
    return concat({detail::pack_strict_lower(L), softplus_inverse(diagonal(L))}, -1);
  }
  Constraint codomain() const override { return constraints::softplus_lower_cholesky; }
};

class ScaledUnitLowerCholesky final : public Triangular {
 public:
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override {
    Tensor d = diagonal_part(x), scale = softplus(d);
    const std::int64_t n = scale.shape().back();
    // Row i has i entries that are multiplied by its scale, and the scale itself.
    Tensor log_det = sum(arange(n).cast(f64) * log(scale) - softplus(-d), -1);
    return {expand_dims(scale, -1) * (strict_part(x) + eye(n)), log_det};
  }
  Tensor inverse(const Tensor& L) const override {
    Tensor scale = diagonal(L);
    return concat({detail::pack_strict_lower(L / expand_dims(scale, -1)), softplus_inverse(scale)}, -1);
  }
  Constraint codomain() const override { return constraints::scaled_unit_lower_cholesky; }
};

class PositiveDefinite final : public LowerCholesky {
 public:
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override {
    auto [L, log_det] = LowerCholesky::forward_and_log_det(x);
    // |d(L L^T)/dL| = 2^n prod_i L_ii^(n - i + 1), i = 1 .. n.
    const std::int64_t n = order(x.shape());
    Tensor log_volume = sum(descending(n) * diagonal_part(x), -1) + double(n) * kLog2;
    return {square_of(L), log_det + log_volume};
  }
  Tensor inverse(const Tensor& y) const override { return LowerCholesky::inverse(nuthatch::cholesky(y)); }
  Constraint codomain() const override { return constraints::positive_definite; }
};

/// A matrix to its Cholesky factor: the reverse of the volumes above.
class Cholesky final : public Bijector::Impl {
 public:
  explicit Cholesky(bool correlation) : correlation_(correlation) {}
  int event_dim() const override { return 2; }
  std::pair<Tensor, Tensor> forward_and_log_det(const Tensor& x) const override {
    Tensor L = nuthatch::cholesky(x);
    return {L, log_det(L)};
  }
  Tensor forward(const Tensor& x) const override { return nuthatch::cholesky(x); }
  Tensor inverse(const Tensor& L) const override { return square_of(L); }
  std::pair<Tensor, Tensor> inverse_and_log_det(const Tensor& L) const override { return {square_of(L), log_det(L)}; }
  Constraint domain() const override { return correlation_ ? constraints::corr_matrix : constraints::positive_definite; }
  Constraint codomain() const override { return correlation_ ? constraints::corr_cholesky : constraints::lower_cholesky; }

 private:
  Tensor log_det(const Tensor& L) const {
    const std::int64_t n = L.shape().back();
    Tensor log_diagonal = log(diagonal(L));
    if (correlation_) return -sum((descending(n) - 1.0) * log_diagonal, -1);
    return -sum(descending(n) * log_diagonal, -1) - double(n) * kLog2;
  }
  bool correlation_;
};

}  // namespace

namespace transforms {
Bijector corr_cholesky() { return Bijector(share<CorrCholesky>()); }
Bijector corr_matrix() { return Bijector(share<CorrMatrix>()); }
Bijector lower_cholesky() { return Bijector(share<LowerCholesky>()); }
Bijector softplus_lower_cholesky() { return Bijector(share<SoftplusLowerCholesky>()); }
Bijector scaled_unit_lower_cholesky() { return Bijector(share<ScaledUnitLowerCholesky>()); }
Bijector positive_definite() { return Bijector(share<PositiveDefinite>()); }
Bijector cholesky() { return Bijector(share<Cholesky>(false)); }
Bijector corr_matrix_cholesky() { return Bijector(share<Cholesky>(true)); }
}  // namespace transforms

}  // namespace nuthatch
