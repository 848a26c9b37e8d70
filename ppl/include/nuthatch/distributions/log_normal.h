#pragma once
/// LogNormal(loc, scale): x > 0, loc real, scale > 0; exp(Normal(loc, scale)).
///   log p(x) = -1/2 ((log(x) - loc) / scale)^2 - log(x) - log(scale) - 1/2 log(2 pi)
#include "nuthatch/distribution.h"

namespace nuthatch {

struct LogNormal : Distribution {
  template <Positional A, Positional B>
  explicit LogNormal(const A& loc, const B& scale, Where where = Where::current())
      : Distribution(make(loc, scale, where)) {}

 private:
  static Distribution make(const Tensor& loc, const Tensor& scale, Where where);
};

}  // namespace nuthatch
