#pragma once
/// StudentT(df, loc, scale): x real, df > 0, loc real, scale > 0.
///   log p(x) = lgamma((df + 1) / 2) - lgamma(df / 2) - 1/2 log(df pi) - log(scale)
///              - (df + 1) / 2 log(1 + ((x - loc) / scale)^2 / df)
#include "nuthatch/distribution.h"

namespace nuthatch {

struct StudentT : Distribution {
  template <Positional A, Positional B, Positional C>
  explicit StudentT(const A& df, const B& loc, const C& scale, Where where = Where::current())
      : Distribution(make(df, loc, scale, where)) {}

 private:
  static Distribution make(const Tensor& df, const Tensor& loc, const Tensor& scale, Where where);
};

}  // namespace nuthatch
