#pragma once
/// Packing of strict lower triangles, row by row, and the signed stick breaking of correlation matrices.
#include <utility>

#include "nuthatch/tensor.h"

namespace nuthatch::detail {

/// n from n (n - 1) / 2.
std::int64_t triangle_order(std::int64_t elements);
/// [..., n (n - 1) / 2] to [..., n, n], zero on and above the diagonal.
Tensor unpack_strict_lower(const Tensor& x, std::int64_t n);
/// The reverse.
Tensor pack_strict_lower(const Tensor& matrix);
/// Cholesky factor of a correlation matrix from partial correlations t, strictly lower triangular, with
/// log1mt2 = log(1 - t^2): L_ij = t_ij prod_{k<j} sqrt(1 - t_ik^2), t_ii = 1. The second result is
/// 1/2 sum_{k<j} log(1 - t_ik^2), the logarithm of that product.
std::pair<Tensor, Tensor> correlation_cholesky(const Tensor& t, const Tensor& log1mt2);

}  // namespace nuthatch::detail
