// Of distributions of vectors.
#include "nuthatch/array.h"
#include "nuthatch/index.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "ppl/kl/pairs.h"

namespace nuthatch::detail {
namespace {

Tensor dirichlet(const Member& p, const Member& q) {
  Tensor a = p["concentration"], b = q["concentration"], A = sum(a, -1);
  return lgamma(A) - sum(lgamma(a), -1) - lgamma(sum(b, -1)) + sum(lgamma(b), -1) +
         sum((a - b) * (digamma(a) - expand_dims(digamma(A), -1)), -1);
}

/// Cholesky factor of the covariance; an empty handle for other families.
Tensor scale_tril(const Member& m) {
  if (m.family == "MultivariateNormal") return m["scale_tril"];
  // Independent normals, as `kl_divergence` hands them over.
  if (m.family == "Normal") return diag(m["scale"]);
  if (m.family != "LowRankMultivariateNormal") return {};
  Tensor F = m["cov_factor"];
  return cholesky(matmul(F, swapaxes(F, -1, -2)) + diag(m["cov_diag"]));
}

Tensor half_log_det(const Tensor& L) { return sum(log(diagonal(L)), -1); }

Tensor gaussian(const Tensor& d, const Tensor& L, const Tensor& M) {
  // |M^-1 L|^2 is the trace of the covariance of p in units of that of q.
  Tensor ratio = triangular_solve(M, L), shift = squeeze(triangular_solve(M, expand_dims(d, -1)), -1);
  return 0.5 * (sum(square(ratio), {.axis = {-2, -1}}) + sum(square(shift), -1) - double(d.shape().back())) +
         half_log_det(M) - half_log_det(L);
}

}  // namespace

Tensor kl_of_vectors(const Member& p, const Member& q) {
  if (p.family == "Dirichlet" && q.family == "Dirichlet") return dirichlet(p, q);
  Tensor L = scale_tril(p), M = scale_tril(q);
  if (!L.defined() || !M.defined()) return {};
  // Batches of the two need not be the same.
  const Shape batch = broadcast_shapes({(p["loc"] - q["loc"]).shape(), L(ellipsis, 0).shape(), M(ellipsis, 0).shape()});
  Shape square = batch;
  square.push_back(batch.back());
  return gaussian(broadcast_to(p["loc"] - q["loc"], batch), broadcast_to(L, square), broadcast_to(M, square));
}

}  // namespace nuthatch::detail
