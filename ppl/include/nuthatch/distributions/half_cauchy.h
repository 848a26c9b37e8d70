#pragma once
/// HalfCauchy(scale = 1): x >= 0, scale > 0; |Cauchy(0, scale)|.
///   log p(x) = log(2 / pi) - log(scale) - log(1 + (x / scale)^2)
#include "nuthatch/distribution.h"

namespace nuthatch {

struct HalfCauchy : Distribution {
  explicit HalfCauchy(Where where = Where::current()) : HalfCauchy(1.0, where) {}
  template <Positional A>
  explicit HalfCauchy(const A& scale, Where where = Where::current()) : Distribution(make(scale, where)) {}

 private:
  static Distribution make(const Tensor& scale, Where where);
};

} // namespace nuthatch
