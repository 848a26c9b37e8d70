#pragma once
/// LowerTruncatedPowerLaw(alpha, low): x > low, alpha < -1, low > 0; Pareto(low, -alpha - 1).
///   log p(x) = alpha log(x / low) + log(-(alpha + 1) / low)
#include "nuthatch/distribution.h"

namespace nuthatch {

struct LowerTruncatedPowerLaw : Distribution {
  template <Positional A, Positional B>
  explicit LowerTruncatedPowerLaw(const A& alpha, const B& low, Where where = Where::current())
      : Distribution(make(alpha, low, where)) {}

 private:
  static Distribution make(const Tensor& alpha, const Tensor& low, Where where);
};

} // namespace nuthatch
