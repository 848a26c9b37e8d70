#pragma once
/// LogUniform(low, high): x in [low, high], 0 < low < high; log x is uniform.
///   log p(x) = -log(x) - log(log(high / low))
#include "nuthatch/distribution.h"

namespace nuthatch {

struct LogUniform : Distribution {
  template <Positional A, Positional B>
  explicit LogUniform(const A& low, const B& high, Where where = Where::current())
      : Distribution(make(low, high, where)) {}

 private:
  static Distribution make(const Tensor& low, const Tensor& high, Where where);
};

} // namespace nuthatch
