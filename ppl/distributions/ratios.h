#pragma once
/// Quotients with their limit at 0, derivatives included: families with a shape parameter that may vanish are written
/// with them.
#include "nuthatch/tensor.h"

namespace nuthatch::detail {

/// log(1 + t) / t.
Tensor log1p_ratio(const Tensor& t);
/// (exp(t) - 1) / t.
Tensor expm1_ratio(const Tensor& t);
/// log gamma(1 - k) / k for k < 1.
Tensor lgamma_ratio(const Tensor& k);
/// (log gamma(1 - 2 k) - 2 log gamma(1 - k)) / k^2 for k < 1/2.
Tensor lgamma_curvature(const Tensor& k);
/// log gamma(x + 1/2) - log gamma(x) for x > 0, without the cancellation between two large numbers.
Tensor lgamma_half_step(const Tensor& x);

} // namespace nuthatch::detail
