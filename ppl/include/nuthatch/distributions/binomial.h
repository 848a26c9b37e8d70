#pragma once
/// Binomial(total_count, probs) or Binomial({.total_count, .logits}): x = 0 ... total_count, probs in [0, 1].
///   log p(x) = log(n over x) + x log(probs) + (n - x) log(1 - probs),   n = total_count
/// Draws: sequential search where n min(p, 1 - p) < 10, else BTRS of Hormann, The generation of binomial random variates,
/// Journal of Statistical Computation and Simulation 46 (1993).
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters.
struct BinomialLogits {
  OnlyNamed only_named{};
  Tensor total_count{};
  Tensor logits{};
};

struct Binomial : Distribution {
  template <Positional A, Positional B>
  explicit Binomial(const A& total_count, const B& probs, Where where = Where::current())
      : Distribution(make(total_count, probs, where)) {}
  explicit Binomial(const BinomialLogits& options, Where where = Where::current());

 private:
  static Distribution make(const Tensor& total_count, const Tensor& probs, Where where);
};

}  // namespace nuthatch
