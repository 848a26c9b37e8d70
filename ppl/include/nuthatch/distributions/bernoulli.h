#pragma once
/// Bernoulli(probs) or Bernoulli({.logits}): x is 0 or 1, probs in [0, 1] the probability of 1.
///   log p(x) = x log(probs) + (1 - x) log(1 - probs) = x logits - log(1 + exp(logits))
#include "nuthatch/detail/logits.h"

namespace nuthatch {

struct Bernoulli : Distribution {
  template <Positional A>
  explicit Bernoulli(const A& probs, Where where = Where::current()) : Distribution(make(probs, where)) {}
  explicit Bernoulli(const Logits& options, Where where = Where::current());

 private:
  static Distribution make(const Tensor& probs, Where where);
};

}  // namespace nuthatch
