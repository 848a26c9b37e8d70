#pragma once
/// Chi2(df): x > 0, df > 0; Gamma(df / 2, 1/2), the sum of df squared standard normal values.
///   log p(x) = (df / 2 - 1) log(x) - x / 2 - df / 2 log(2) - lgamma(df / 2)
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Chi2 : Distribution {
  template <Positional A> explicit Chi2(const A& df, Where where = Where::current()) : Distribution(make(df, where)) {}

 private:
  static Distribution make(const Tensor& df, Where where);
};

} // namespace nuthatch
