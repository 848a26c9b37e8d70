#pragma once
/// Products, factorisations, solves; leading dimensions are batches and broadcast.
#include <string>

#include "nuthatch/tensor.h"

namespace nuthatch {

/// As NumPy: matrix product of the last two dimensions, batches broadcast, vectors are rows on the left and columns on
/// the right and lose that dimension again.
Tensor matmul(const Tensor& a, const Tensor& b, Where where = Where::current());
/// Inner product of the last dimension of a with the last but one (or only) dimension of b.
Tensor dot(const Tensor& a, const Tensor& b, Where where = Where::current());
/// Einstein summation, einsum("ij,jk->ik", {a, b}); no repeated label within one operand, no ellipsis.
Tensor einsum(const std::string& equation, const std::vector<Tensor>& operands, Where where = Where::current());
/// Lower L with L L^T = x [..., n, n]; reads the lower triangle; NaN where x is not positive definite.
Tensor cholesky(const Tensor& x, Where where = Where::current());
/// Solves L y = b, or L^T y = b; L lower unless stated. b is [..., n] (a vector) or [..., n, k] with the batch of L.
Tensor triangular_solve(const Tensor& L, const Tensor& b, bool lower = true, bool transpose = false,
                        Where where = Where::current());
/// Solves (L L^T) y = b.
Tensor cho_solve(const Tensor& L, const Tensor& b, Where where = Where::current());
/// Sum of the diagonal of [..., n, n].
Tensor trace_of(const Tensor& x, Where where = Where::current());
/// log det(L L^T) = 2 sum(log(diagonal(L))).
Tensor cholesky_logdet(const Tensor& L, Where where = Where::current());

}  // namespace nuthatch
