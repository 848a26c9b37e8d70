#pragma once
/// DiscreteMarkovChain(transition, initial, num_steps): states x [num_steps] in 0 .. k - 1; transition P [..., k, k] with
/// rows that sum to 1, initial [..., k] the probabilities of the first state.
///   log p(x) = log(initial[x_1]) + sum_{t=2..T} log(P[x_{t-1}, x_t])
#include "nuthatch/distribution.h"

namespace nuthatch {

struct DiscreteMarkovChain : Distribution {
  template <Positional P, Positional I>
  explicit DiscreteMarkovChain(const P& transition, const I& initial, std::int64_t num_steps,
                               Where where = Where::current())
      : Distribution(make(transition, initial, num_steps, where)) {}

 private:
  static Distribution make(const Tensor& transition, const Tensor& initial, std::int64_t num_steps, Where where);
};

}  // namespace nuthatch
