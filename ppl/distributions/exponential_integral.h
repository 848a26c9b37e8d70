#pragma once
#include "nuthatch/tensor.h"

namespace nuthatch::detail {
/// exp(x) E1(x) with E1(x) the integral of exp(-t) / t from x on, for x > 0; about 1 / x for large x.
Tensor scaled_exponential_integral(const Tensor& x);
} // namespace nuthatch::detail
