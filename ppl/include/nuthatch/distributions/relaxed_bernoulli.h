#pragma once
/// RelaxedBernoulli(temperature, probs): x in [0, 1], temperature > 0, 0 < probs < 1; a Bernoulli value made
/// continuous: 1 / (1 + exp(-Logistic(logits, 1) / temperature)) with logits = log(probs / (1 - probs)).
///   log p(x) = log(t) - log(x) - log(1 - x) + z - 2 log(1 + exp(z)),   z = t log(x / (1 - x)) - logits,   t =
///   temperature
/// Maddison, Mnih and Teh, The concrete distribution, ICLR 2017.
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters: `.temperature` with `.probs` or `.logits`.
struct RelaxedBernoulliParameters {
  OnlyNamed only_named{};
  Tensor temperature{};
  Tensor probs{};
  Tensor logits{};
};

struct RelaxedBernoulli : Distribution {
  template <Positional A, Positional B>
  explicit RelaxedBernoulli(const A& temperature, const B& probs, Where where = Where::current())
      : Distribution(make(temperature, probs, where)) {}
  explicit RelaxedBernoulli(const RelaxedBernoulliParameters& options, Where where = Where::current());

 private:
  static Distribution make(const Tensor& temperature, const Tensor& probs, Where where);
};

} // namespace nuthatch
