#pragma once
#include "nuthatch/tensor.h"
#include "ppl/constraints/literal.h"

namespace nuthatch::detail {
/// (a - 1) log(x), from log(x). Nothing for a literal 1, also where log(x) is infinite.
inline Tensor log_power(const Tensor& a, const Tensor& log_x) {
  return is_literal(a, 1.0) ? Tensor(0.0) : (a - 1.0) * log_x;
}
}  // namespace nuthatch::detail
