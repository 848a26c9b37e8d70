#pragma once
/// BetaBinomial(concentration1, concentration0, total_count): x = 0 ... n; a Binomial(n, p) whose p is
/// Beta(concentration1, concentration0), both > 0; n = total_count.
///   log p(x) = log(n over x) + log B(x + a, n - x + b) - log B(a, b),   a = concentration1, b = concentration0
#include "nuthatch/distribution.h"

namespace nuthatch {

struct BetaBinomial : Distribution {
  template <Positional A, Positional B, Positional C>
  explicit BetaBinomial(const A& concentration1, const B& concentration0, const C& total_count,
                        Where where = Where::current())
      : Distribution(make(concentration1, concentration0, total_count, where)) {}

 private:
  static Distribution make(const Tensor& concentration1, const Tensor& concentration0, const Tensor& total_count,
                           Where where);
};

}  // namespace nuthatch
