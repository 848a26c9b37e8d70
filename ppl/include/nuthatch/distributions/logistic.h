#pragma once
/// Logistic(loc, scale): x real, loc real, scale > 0.
///   log p(x) = -z - 2 log(1 + exp(-z)) - log(scale),   z = (x - loc) / scale
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Logistic : Distribution {
  template <Positional A, Positional B>
  explicit Logistic(const A& loc, const B& scale, Where where = Where::current())
      : Distribution(make(loc, scale, where)) {}

 private:
  static Distribution make(const Tensor& loc, const Tensor& scale, Where where);
};

}  // namespace nuthatch
