#pragma once
/// Cauchy(loc, scale): x real, loc real, scale > 0.
///   log p(x) = -log(pi) - log(scale) - log(1 + ((x - loc) / scale)^2)
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Cauchy : Distribution {
  template <Positional A, Positional B>
  explicit Cauchy(const A& loc, const B& scale, Where where = Where::current())
      : Distribution(make(loc, scale, where)) {}

 private:
  static Distribution make(const Tensor& loc, const Tensor& scale, Where where);
};

}  // namespace nuthatch
