#pragma once
/// Laplace(loc = 0, scale = 1): x real, loc real, scale > 0.
///   log p(x) = -|x - loc| / scale - log(2 scale)
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Laplace : Distribution {
  explicit Laplace(Where where = Where::current()) : Laplace(0.0, 1.0, where) {}
  template <Positional A> explicit Laplace(const A& loc, Where where = Where::current()) : Laplace(loc, 1.0, where) {}
  template <Positional A, Positional B>
  explicit Laplace(const A& loc, const B& scale, Where where = Where::current())
      : Distribution(make(loc, scale, where)) {}

 private:
  static Distribution make(const Tensor& loc, const Tensor& scale, Where where);
};

} // namespace nuthatch
