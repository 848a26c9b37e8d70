#pragma once
/// BetaNegativeBinomial(concentration1, concentration0, n): x = 0, 1, ...; a NegativeBinomial({.total_count = n, .probs})
/// whose probs is Beta(concentration1, concentration0); all parameters > 0. The tail falls as x^-(1 + concentration0), so
/// that the mean n a / (b - 1) is infinite for b <= 1 and the variance for b <= 2.
///   log p(x) = lgamma(x + n) - lgamma(n) - log(x!) + log B(x + a, n + b) - log B(a, b),
///   a = concentration1, b = concentration0
#include "nuthatch/distribution.h"

namespace nuthatch {

struct BetaNegativeBinomial : Distribution {
  template <Positional A, Positional B, Positional C>
  explicit BetaNegativeBinomial(const A& concentration1, const B& concentration0, const C& n,
                                Where where = Where::current())
      : Distribution(make(concentration1, concentration0, n, where)) {}

 private:
  static Distribution make(const Tensor& concentration1, const Tensor& concentration0, const Tensor& n, Where where);
};

}  // namespace nuthatch
