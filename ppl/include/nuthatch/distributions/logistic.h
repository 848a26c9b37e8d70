#pragma once
/// Logistic(loc = 0, scale = 1): x real, loc real, scale > 0.
///   log p(x) = -z - 2 log(1 + exp(-z)) - log(scale),   z = (x - loc) / scale
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Logistic : Distribution {
  explicit Logistic(Where where = Where::current()) : Logistic(0.0, 1.0, where) {}
  template <Positional A> explicit Logistic(const A& loc, Where where = Where::current()) : Logistic(loc, 1.0, where) {}
  template <Positional A, Positional B>
  explicit Logistic(const A& loc, const B& scale, Where where = Where::current())
      : Distribution(make(loc, scale, where)) {}

 private:
  static Distribution make(const Tensor& loc, const Tensor& scale, Where where);
};

} // namespace nuthatch
