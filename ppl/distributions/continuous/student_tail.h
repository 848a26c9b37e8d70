#pragma once
#include "nuthatch/tensor.h"

namespace nuthatch::detail {
/// P(T <= t) of the standard Student distribution, accurate in the left tail.
Tensor student_cdf(const Tensor& df, const Tensor& t);
/// P(|T| <= t) for t >= 0, accurate near 0.
Tensor student_centre(const Tensor& df, const Tensor& t);
/// The quantile of q, of which also 1 - q is given.
Tensor student_icdf(const Tensor& df, const Tensor& q, const Tensor& complement);
/// t >= 0 with P(|T| <= t) = q, accurate near 0; for q <= 1/2.
Tensor student_centre_icdf(const Tensor& df, const Tensor& q);

}  // namespace nuthatch::detail
