#pragma once
/// Laplace(loc, scale): x real, loc real, scale > 0.
///   log p(x) = -|x - loc| / scale - log(2 scale)
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Laplace : Distribution {
  template <Positional A, Positional B>
  explicit Laplace(const A& loc, const B& scale, Where where = Where::current())
      : Distribution(make(loc, scale, where)) {}

 private:
  static Distribution make(const Tensor& loc, const Tensor& scale, Where where);
};

}  // namespace nuthatch
