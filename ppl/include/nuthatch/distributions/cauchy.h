#pragma once
/// Cauchy(loc = 0, scale = 1): x real, loc real, scale > 0.
///   log p(x) = -log(pi) - log(scale) - log(1 + ((x - loc) / scale)^2)
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Cauchy : Distribution {
  explicit Cauchy(Where where = Where::current()) : Cauchy(0.0, 1.0, where) {}
  template <Positional A> explicit Cauchy(const A& loc, Where where = Where::current()) : Cauchy(loc, 1.0, where) {}
  template <Positional A, Positional B>
  explicit Cauchy(const A& loc, const B& scale, Where where = Where::current())
      : Distribution(make(loc, scale, where)) {}

 private:
  static Distribution make(const Tensor& loc, const Tensor& scale, Where where);
};

} // namespace nuthatch
