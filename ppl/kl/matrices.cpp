// Of distributions of matrices. A bijection of the values changes no divergence, so factors are like their products.
#include "nuthatch/array.h"
#include "nuthatch/math.h"
#include "nuthatch/special.h"
#include "ppl/distributions/multivariate/linear.h"
#include "ppl/distributions/multivariate/lkj_density.h"
#include "ppl/kl/pairs.h"

namespace nuthatch::detail {
namespace {

/// Of Wishart(n, V) and Wishart(m, W); of inverse Wishart matrices with these scale matrices: their inverses have V^-1,
/// W^-1.
Tensor wishart(const Member& p, const Member& q, bool inverse) {
  const Tensor n = p["concentration"], m = q["concentration"], L = p["scale_tril"], M = q["scale_tril"];
  const std::int64_t dim = L.shape().back();
  const Tensor ratio = inverse ? solve_columns(L, M) : solve_columns(M, L),
               difference = half_log_det(M) - half_log_det(L);
  const Tensor digammas = sum(digamma(0.5 * (expand_dims(n, -1) - arange(dim).cast(f64))), -1);
  return multigammaln(0.5 * m, int(dim)) - multigammaln(0.5 * n, int(dim)) + m * (inverse ? -difference : difference) +
         0.5 * (n - m) * digammas + 0.5 * n * (sum(square(ratio), {.axis = {-2, -1}}) - double(dim));
}

Tensor lkj(const Member& p, const Member& q, std::int64_t n) {
  const Tensor a = p["concentration"], b = q["concentration"];
  return lkj_log_normaliser(b, n) - lkj_log_normaliser(a, n) + 2.0 * (a - b) * sum(lkj_mean_log_diagonal(a, n), -1);
}

/// Of matrices whose rows have covariance U and columns V, of vec(X) V (x) U: determinants and traces are products.
Tensor matrix_normal(const Member& p, const Member& q) {
  const Tensor U = p["scale_tril_row"], V = p["scale_tril_column"], W = q["scale_tril_row"], Y = q["scale_tril_column"];
  const double rows = double(U.shape().back()), columns = double(V.shape().back());
  auto squares = [](const Tensor& x) { return sum(square(x), {.axis = {-2, -1}}); };
  const Tensor shift = solve_columns(Y, transposed(solve_columns(W, p["loc"] - q["loc"])));
  return columns * (half_log_det(W) - half_log_det(U)) + rows * (half_log_det(Y) - half_log_det(V)) +
         0.5 * (squares(solve_columns(W, U)) * squares(solve_columns(Y, V)) + squares(shift) - rows * columns);
}

}  // namespace

Tensor kl_of_matrices(const Member& p, const Member& q, std::int64_t order) {
  const std::string& f = p.family;
  if (f != q.family) return {};
  if (f == "Wishart" || f == "WishartCholesky") return wishart(p, q, false);
  if (f == "InverseWishart" || f == "InverseWishartCholesky") return wishart(p, q, true);
  if (f == "MatrixNormal") return matrix_normal(p, q);
  if (f == "LKJ" || f == "LKJCholesky") return lkj(p, q, order);
  return {};
}

}  // namespace nuthatch::detail
