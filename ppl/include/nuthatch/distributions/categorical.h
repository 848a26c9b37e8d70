#pragma once
/// Categorical(probs) or Categorical({.logits}): x = 0 ... n-1; probs [..., n] sum to one, logits [..., n] are any numbers.
///   log p(x) = log(probs[x]) = logits[x] - log(sum(exp(logits)))
#include "nuthatch/detail/logits.h"

namespace nuthatch {

struct Categorical : Distribution {
  template <Positional A>
  explicit Categorical(const A& probs, Where where = Where::current()) : Distribution(make(probs, where)) {}
  explicit Categorical(const Logits& options, Where where = Where::current());

 private:
  static Distribution make(const Tensor& probs, Where where);
};

}  // namespace nuthatch
