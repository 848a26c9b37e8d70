#pragma once
#include "nuthatch/detail/function_ref.h"
#include "nuthatch/tensor.h"

namespace nuthatch::detail {
/// Integral of f from `from` to `from` + `length`, elementwise, by Gauss-Legendre quadrature with 64 nodes: exact to
/// rounding for a smooth f that changes by no more than about exp(300) over the interval. f gets points with one more
/// dimension at the end, along which they vary.
Tensor integral(FunctionRef<Tensor(const Tensor&)> f, const Tensor& from, const Tensor& length);
} // namespace nuthatch::detail
