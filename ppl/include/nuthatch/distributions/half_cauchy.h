#pragma once
/// HalfCauchy(scale): x >= 0, scale > 0; |Cauchy(0, scale)|.
///   log p(x) = log(2 / pi) - log(scale) - log(1 + (x / scale)^2)
#include "nuthatch/distribution.h"

namespace nuthatch {

struct HalfCauchy : Distribution {
  template <Positional A>
  explicit HalfCauchy(const A& scale, Where where = Where::current()) : Distribution(make(scale, where)) {}

 private:
  static Distribution make(const Tensor& scale, Where where);
};

}  // namespace nuthatch
