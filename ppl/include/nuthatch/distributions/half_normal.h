#pragma once
/// HalfNormal(scale): x >= 0, scale > 0; |Normal(0, scale)|.
///   log p(x) = -1/2 (x / scale)^2 - log(scale) + 1/2 log(2 / pi)
#include "nuthatch/distribution.h"

namespace nuthatch {

struct HalfNormal : Distribution {
  template <Positional A>
  explicit HalfNormal(const A& scale, Where where = Where::current()) : Distribution(make(scale, where)) {}

 private:
  static Distribution make(const Tensor& scale, Where where);
};

}  // namespace nuthatch
