#pragma once
/// DoublyTruncatedPowerLaw(alpha, low, high): x in [low, high], alpha real, 0 <= low < high.
///   log p(x) = alpha log(x) - log Z,   Z = (high^(alpha + 1) - low^(alpha + 1)) / (alpha + 1),
///                                      Z = log(high / low) for alpha = -1
#include "nuthatch/distribution.h"

namespace nuthatch {

struct DoublyTruncatedPowerLaw : Distribution {
  template <Positional A, Positional B, Positional C>
  explicit DoublyTruncatedPowerLaw(const A& alpha, const B& low, const C& high, Where where = Where::current())
      : Distribution(make(alpha, low, high, where)) {}

 private:
  static Distribution make(const Tensor& alpha, const Tensor& low, const Tensor& high, Where where);
};

} // namespace nuthatch
