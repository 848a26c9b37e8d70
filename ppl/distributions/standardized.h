#pragma once
#include "nuthatch/math.h"

namespace nuthatch::detail {
/// (x - loc) / scale by a reciprocal: one division per scale and none per element, or none at all when the scale is data
/// or a literal. Differs from the quotient by at most one rounding.
inline Tensor standardized(const Tensor& x, const Tensor& loc, const Tensor& scale) {
  return (x - loc) * reciprocal(scale);
}
inline Tensor standardized(const Tensor& x, const Tensor& scale) { return x * reciprocal(scale); }
}  // namespace nuthatch::detail
