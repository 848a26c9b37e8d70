#pragma once
/// Gumbel(loc = 0, scale = 1): x real, loc real, scale > 0; the largest of many values.
///   log p(x) = -z - exp(-z) - log(scale),   z = (x - loc) / scale
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Gumbel : Distribution {
  explicit Gumbel(Where where = Where::current()) : Gumbel(0.0, 1.0, where) {}
  template <Positional A> explicit Gumbel(const A& loc, Where where = Where::current()) : Gumbel(loc, 1.0, where) {}
  template <Positional A, Positional B>
  explicit Gumbel(const A& loc, const B& scale, Where where = Where::current())
      : Distribution(make(loc, scale, where)) {}

 private:
  static Distribution make(const Tensor& loc, const Tensor& scale, Where where);
};

} // namespace nuthatch
