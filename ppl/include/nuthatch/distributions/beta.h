#pragma once
/// Beta(concentration1, concentration0): x in [0, 1], both parameters > 0; mean c1 / (c1 + c0).
///   log p(x) = (c1 - 1) log(x) + (c0 - 1) log(1 - x) - log B(c1, c0)
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Beta : Distribution {
  template <Positional A, Positional B>
  explicit Beta(const A& concentration1, const B& concentration0, Where where = Where::current())
      : Distribution(make(concentration1, concentration0, where)) {}

 private:
  static Distribution make(const Tensor& concentration1, const Tensor& concentration0, Where where);
};

}  // namespace nuthatch
