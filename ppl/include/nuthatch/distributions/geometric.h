#pragma once
/// Geometric(probs) or Geometric({.logits}): x = 0, 1, ... failures before the first success, probs in (0, 1] the
/// probability of success; mean (1 - probs) / probs. The number of trials, as SciPy and PyMC count, is x + 1.
///   log p(x) = x log(1 - probs) + log(probs)
/// Draws: floor(log(u) / log(1 - probs)), u uniform.
#include "nuthatch/detail/logits.h"

namespace nuthatch {

struct Geometric : Distribution {
  template <Positional A>
  explicit Geometric(const A& probs, Where where = Where::current()) : Distribution(make(probs, where)) {}
  explicit Geometric(const Logits& options, Where where = Where::current());

 private:
  static Distribution make(const Tensor& probs, Where where);
};

}  // namespace nuthatch
