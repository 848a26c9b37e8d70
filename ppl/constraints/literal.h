#pragma once
#include "nuthatch/tensor.h"

namespace nuthatch::detail {
/// x is a number written in the program, with this value: terms that vanish for it need not be traced.
inline bool is_literal(const Tensor& x, double value) { return x.is_weak() && x.is_concrete() && x.item() == value; }
}  // namespace nuthatch::detail
