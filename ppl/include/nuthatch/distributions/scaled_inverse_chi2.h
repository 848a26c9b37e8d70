#pragma once
/// ScaledInverseChi2(df, scale): x > 0, df > 0, scale > 0; InverseGamma(df / 2, df scale^2 / 2), a usual prior of
/// variances.
///   log p(x) = df / 2 log(df scale^2 / 2) - lgamma(df / 2) - (df / 2 + 1) log(x) - df scale^2 / (2 x)
#include "nuthatch/distribution.h"

namespace nuthatch {

struct ScaledInverseChi2 : Distribution {
  template <Positional A, Positional B>
  explicit ScaledInverseChi2(const A& df, const B& scale, Where where = Where::current())
      : Distribution(make(df, scale, where)) {}

 private:
  static Distribution make(const Tensor& df, const Tensor& scale, Where where);
};

} // namespace nuthatch
