#pragma once
/// Maxwell(scale = 1): x > 0, scale > 0; the length of a vector of three Normal(0, scale) values.
///   log p(x) = 1/2 log(2 / pi) + 2 log(x) - 3 log(scale) - 1/2 (x / scale)^2
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Maxwell : Distribution {
  explicit Maxwell(Where where = Where::current()) : Maxwell(1.0, where) {}
  template <Positional A>
  explicit Maxwell(const A& scale, Where where = Where::current()) : Distribution(make(scale, where)) {}

 private:
  static Distribution make(const Tensor& scale, Where where);
};

} // namespace nuthatch
