#pragma once
/// DiscreteUniform(low, high): integers x = low ... high, both included.
///   log p(x) = -log(high - low + 1)
#include "nuthatch/distribution.h"

namespace nuthatch {

struct DiscreteUniform : Distribution {
  template <Positional A, Positional B>
  explicit DiscreteUniform(const A& low, const B& high, Where where = Where::current())
      : Distribution(make(low, high, where)) {}

 private:
  static Distribution make(const Tensor& low, const Tensor& high, Where where);
};

}  // namespace nuthatch
