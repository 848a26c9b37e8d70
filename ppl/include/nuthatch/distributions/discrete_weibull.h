#pragma once
/// DiscreteWeibull(q, beta): x = 0, 1, ..., q in (0, 1), beta > 0. P(X >= x) = q^(x^beta).
///   log p(x) = log(q^(x^beta) - q^((x + 1)^beta))
/// Nakagawa and Osaki, The discrete Weibull distribution, IEEE Transactions on Reliability 24 (1975). Geometric with
/// probability of success 1 - q for beta = 1. Draws by the quantile function.
#include "nuthatch/distribution.h"

namespace nuthatch {

struct DiscreteWeibull : Distribution {
  template <Positional A, Positional B>
  explicit DiscreteWeibull(const A& q, const B& beta, Where where = Where::current())
      : Distribution(make(q, beta, where)) {}

 private:
  static Distribution make(const Tensor& q, const Tensor& beta, Where where);
};

}  // namespace nuthatch
