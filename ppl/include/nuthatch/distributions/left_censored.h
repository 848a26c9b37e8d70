#pragma once
/// LeftCensored(base, censored): observations x of `base`; where `censored` (bool_, or 0 and 1) holds only an upper bound
/// x of the value is known.
///   log p(x) = log P_base(X <= x) where censored, log p_base(x) elsewhere
/// Draws are values of the base, uncensored.
#include "nuthatch/distribution.h"

namespace nuthatch {

struct LeftCensored : Distribution {
  template <Positional A>
  explicit LeftCensored(const Distribution& base, const A& censored, Where where = Where::current())
      : Distribution(make(base, censored, where)) {}

 private:
  static Distribution make(const Distribution& base, const Tensor& censored, Where where);
};

}  // namespace nuthatch
