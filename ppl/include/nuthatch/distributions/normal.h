#pragma once
/// Normal(loc, scale): x real, loc real, scale > 0 (the standard deviation).
///   log p(x) = -1/2 ((x - loc) / scale)^2 - log(scale) - 1/2 log(2 pi)
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Normal : Distribution {
  template <Positional A, Positional B>
  explicit Normal(const A& loc, const B& scale, Where where = Where::current())
      : Distribution(make(loc, scale, where)) {}

 private:
  static Distribution make(const Tensor& loc, const Tensor& scale, Where where);
};

}  // namespace nuthatch
