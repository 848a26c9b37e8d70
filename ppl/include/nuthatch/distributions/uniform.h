#pragma once
/// Uniform(low = 0, high = 1): x in [low, high], low < high.
///   log p(x) = -log(high - low)
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Uniform : Distribution {
  explicit Uniform(Where where = Where::current()) : Uniform(0.0, 1.0, where) {}
  template <Positional A> explicit Uniform(const A& low, Where where = Where::current()) : Uniform(low, 1.0, where) {}
  template <Positional A, Positional B>
  explicit Uniform(const A& low, const B& high, Where where = Where::current())
      : Distribution(make(low, high, where)) {}

 private:
  static Distribution make(const Tensor& low, const Tensor& high, Where where);
};

} // namespace nuthatch
