#pragma once
/// GeneralizedExtremeValue(loc, scale, shape): loc and shape real, scale > 0; Gumbel for shape 0, Frechet for shape >
/// 0, reversed Weibull for shape < 0. x real; the density is 0 where 1 + shape z <= 0.
///   log p(x) = -log(scale) - (1 + shape) u - exp(-u),   u = log(1 + shape z) / shape,   z = (x - loc) / scale
/// Coles, An introduction to statistical modeling of extreme values (2001).
#include "nuthatch/distribution.h"

namespace nuthatch {

struct GeneralizedExtremeValue : Distribution {
  template <Positional A, Positional B, Positional C>
  explicit GeneralizedExtremeValue(const A& loc, const B& scale, const C& shape, Where where = Where::current())
      : Distribution(make(loc, scale, shape, where)) {}

 private:
  static Distribution make(const Tensor& loc, const Tensor& scale, const Tensor& shape, Where where);
};

} // namespace nuthatch
