#pragma once
#include "nuthatch/detail/distribution_impl.h"
#include "ppl/constraints/literal.h"

namespace nuthatch::detail {
/// (a - 1) log(x), from log(x). Nothing for a literal 1, also where log(x) is infinite.
inline Term log_power(const Tensor& a, const Tensor& log_x) {
  return is_literal(a, 1.0) ? Term{0.0} : Term{log_x, a - 1.0};
}
}  // namespace nuthatch::detail
