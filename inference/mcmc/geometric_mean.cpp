#include "inference/mcmc/geometric_mean.h"

#include "nuthatch/array.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"

namespace nuthatch::mcmc {

// With B = L L^T: (L^T S L)^2 = L^T A L, so S = L^-T (L^T A L)^(1/2) L^-1.
Tensor geometric_mean(const Tensor& A, const Tensor& B) {
  Tensor L = cholesky(B);
  auto [values, vectors] = eigh(matmul(transpose(L), matmul(A, L)));
  Tensor root = matmul(vectors * sqrt(maximum(values, 0.0)), transpose(vectors));
  Tensor left = triangular_solve(L, root, /*lower=*/true, /*transpose=*/true);
  return triangular_solve(L, transpose(left), /*lower=*/true, /*transpose=*/true);
}

}  // namespace nuthatch::mcmc
