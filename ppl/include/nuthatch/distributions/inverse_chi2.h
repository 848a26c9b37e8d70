#pragma once
/// InverseChi2(df): x > 0, df > 0; InverseGamma(df / 2, 1/2), one over a Chi2(df) value.
///   log p(x) = -(df / 2 + 1) log(x) - 1 / (2 x) - df / 2 log(2) - lgamma(df / 2)
#include "nuthatch/distribution.h"

namespace nuthatch {

struct InverseChi2 : Distribution {
  template <Positional A>
  explicit InverseChi2(const A& df, Where where = Where::current()) : Distribution(make(df, where)) {}

 private:
  static Distribution make(const Tensor& df, Where where);
};

} // namespace nuthatch
