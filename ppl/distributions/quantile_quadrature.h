#pragma once
#include "nuthatch/detail/function_ref.h"
#include "nuthatch/tensor.h"

namespace nuthatch::detail {

/// The integral of f(u, 1 - u) over u in (0, 1), elementwise for values of `shape`, by the double exponential rule of
/// Takahasi and Mori (1974): endpoints where f is infinite but integrable do no harm. f gets arguments [n, 1, ..., 1].
Tensor integrate_quantiles(const Shape& shape, FunctionRef<Tensor(const Tensor& u, const Tensor& complement)> f);

}  // namespace nuthatch::detail
