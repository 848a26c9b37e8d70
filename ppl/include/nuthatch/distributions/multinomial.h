#pragma once
/// Multinomial(total_count, probs) or Multinomial({.total_count, .logits}): counts x [..., K] that sum to total_count, of
/// independent draws from Categorical(probs) or Categorical({.logits}).
///   log p(x) = log(n!) - sum_k log(x_k!) + sum_k x_k log(probs_k),   n = total_count
/// Draws: one Binomial after the other, of what is left.
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters.
struct MultinomialLogits {
  OnlyNamed only_named{};
  Tensor total_count{};
  Tensor logits{};
};

struct Multinomial : Distribution {
  template <Positional A, Positional B>
  explicit Multinomial(const A& total_count, const B& probs, Where where = Where::current())
      : Distribution(make(total_count, probs, where)) {}
  explicit Multinomial(const MultinomialLogits& options, Where where = Where::current());

 private:
  static Distribution make(const Tensor& total_count, const Tensor& probs, Where where);
};

}  // namespace nuthatch
