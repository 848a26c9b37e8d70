#pragma once
/// Chi(df): x > 0, df > 0; the length of a vector of df standard normal values.
///   log p(x) = (df - 1) log(x) - x^2 / 2 - (df / 2 - 1) log(2) - lgamma(df / 2)
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Chi : Distribution {
  template <Positional A> explicit Chi(const A& df, Where where = Where::current()) : Distribution(make(df, where)) {}

 private:
  static Distribution make(const Tensor& df, Where where);
};

} // namespace nuthatch
