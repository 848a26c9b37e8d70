#pragma once
/// RightCensored(base, censored): observations x of `base`; where `censored` (bool_, or 0 and 1) holds only a lower bound
/// x of the value is known, as of a patient alive at the end of a study.
///   log p(x) = log P_base(X > x) where censored, log p_base(x) elsewhere
/// Draws are values of the base, uncensored.
#include "nuthatch/distribution.h"

namespace nuthatch {

struct RightCensored : Distribution {
  template <Positional A>
  explicit RightCensored(const Distribution& base, const A& censored, Where where = Where::current())
      : Distribution(make(base, censored, where)) {}

 private:
  static Distribution make(const Distribution& base, const Tensor& censored, Where where);
};

}  // namespace nuthatch
