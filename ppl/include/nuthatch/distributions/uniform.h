#pragma once
/// Uniform(low, high): x in [low, high], low < high.
///   log p(x) = -log(high - low)
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Uniform : Distribution {
  template <Positional A, Positional B>
  explicit Uniform(const A& low, const B& high, Where where = Where::current())
      : Distribution(make(low, high, where)) {}

 private:
  static Distribution make(const Tensor& low, const Tensor& high, Where where);
};

}  // namespace nuthatch
