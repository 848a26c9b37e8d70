#pragma once
#include "nuthatch/detail/function_ref.h"
#include "nuthatch/tensor.h"

namespace nuthatch::detail {
/// Where f, which falls from positive to negative values between `low` and `high`, is zero: by bisection to rounding,
/// elementwise, differentiable through the last step, which is Newton's with `slope` = f'(x).
Tensor root_of_falling(FunctionRef<Tensor(const Tensor&)> f, FunctionRef<Tensor(const Tensor&)> slope,
                       const Tensor& low, const Tensor& high);
}  // namespace nuthatch::detail
