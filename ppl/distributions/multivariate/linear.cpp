#include "ppl/distributions/multivariate/linear.h"

#include "nuthatch/array.h"
#include "nuthatch/constraints.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "ppl/distributions/named_parameters.h"

namespace nuthatch::detail {

Tensor transposed(const Tensor& x) { return swapaxes(x, -1, -2); }
Tensor matvec(const Tensor& M, const Tensor& x) { return squeeze(matmul(M, expand_dims(x, -1)), -1); }

Tensor whiten(const Tensor& L, const Tensor& x, bool transpose) {
  const std::int64_t n = L.shape().back();
  const Shape own = leading(L.shape(), 2);
  const Shape batch = *try_broadcast(leading(x.shape(), 1), own);
  Tensor b = broadcast_if_needed(x, join(batch, {n}));
  if (own.empty() && !batch.empty()) {
    Tensor columns = transposed(reshape(b, {-1, n}));
    return reshape(transposed(triangular_solve(L, columns, true, transpose)), b.shape());
  }
  return triangular_solve(broadcast_if_needed(L, join(batch, {n, n})), b, true, transpose);
}

Tensor solve_columns(const Tensor& L, const Tensor& X, bool transpose) {
  const Shape batch = *try_broadcast(leading(X.shape(), 2), leading(L.shape(), 2));
  return triangular_solve(broadcast_if_needed(L, join(batch, trailing(L.shape(), 2))),
                          broadcast_if_needed(X, join(batch, trailing(X.shape(), 2))), true, transpose);
}

Tensor half_log_det(const Tensor& L) { return sum(log(diagonal(L)), -1); }

namespace {
void square(const char* distribution, const char* name, const Tensor& x, Where where) {
  const Shape& s = x.shape();
  if (s.size() < 2 || s[s.size() - 1] != s[s.size() - 2])
    throw Error(std::string(distribution) + ": " + name + " must be a square matrix, but its shape is " + to_string(s),
                where);
}
}  // namespace

ScaleMatrix scale_matrix(const char* distribution, const Tensor& scale_tril, const Tensor& covariance,
                         const Tensor& precision, Where where) {
  const char* names[] = {"scale_tril", "covariance", "precision"};
  const Tensor* values[] = {&scale_tril, &covariance, &precision};
  const std::size_t given =
      one_of(distribution, {{names[0], scale_tril}, {names[1], covariance}, {names[2], precision}}, where);
  square(distribution, names[given], *values[given], where);
  if (given == 0) return {scale_tril, {}};
  checked(distribution, {names[given], *values[given]}, constraints::positive_definite, where);
  if (given == 1) return {cholesky(covariance), {}};
  // J P J = G G^T with J the reversal: P = R R^T for the upper triangular R = J G J, and F = R^T. F^-1 is the lower
  // triangular factor of P^-1 = R^-T R^-1.
  Tensor G = cholesky(flip(flip(precision, -1), -2));
  Tensor F = transposed(flip(flip(G, -1), -2));
  return {solve_columns(F, eye(F.shape().back())), F};
}

std::pair<Tensor, Tensor> quadratic_form(const ScaleMatrix& scale, const Tensor& residual) {
  if (!scale.precision_factor.defined())
    return {sum(nuthatch::square(whiten(scale.scale_tril, residual)), -1), half_log_det(scale.scale_tril)};
  return {sum(nuthatch::square(matvec(scale.precision_factor, residual)), -1), -half_log_det(scale.precision_factor)};
}

Tensor with_batch(const Tensor& x, const Shape& batch, std::size_t event_dims) {
  const Shape common = *try_broadcast(leading(x.shape(), event_dims), batch);
  return broadcast_if_needed(x, join(common, trailing(x.shape(), event_dims)));
}

Tensor location_vector(const Tensor& loc, std::int64_t n) {
  Tensor x = loc.defined() ? loc : Tensor(0.0);
  return x.shape().empty() ? broadcast_to(x, {n}) : x;
}

}  // namespace nuthatch::detail
