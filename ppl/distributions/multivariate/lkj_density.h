#pragma once
/// The pieces that distributions of correlation matrices share; formulas in lkj_cholesky.h.
#include "nuthatch/random.h"

namespace nuthatch::detail {

/// log Z of order n.
Tensor lkj_log_normaliser(const Tensor& concentration, std::int64_t n);
/// Log density of the Cholesky factor but for its normaliser, from log(L_ii) [..., n].
Tensor lkj_cholesky_kernel(const Tensor& concentration, const Tensor& log_diagonal);
/// Cholesky factors of that shape [..., n, n].
Tensor lkj_cholesky_draw(const Key& key, const Tensor& concentration, const Shape& shape);

/// E log L_ii of the Cholesky factor of a draw, [..., n].
Tensor lkj_mean_log_diagonal(const Tensor& eta, std::int64_t n);

}  // namespace nuthatch::detail
