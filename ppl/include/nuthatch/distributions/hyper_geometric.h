#pragma once
/// HyperGeometric(population, successes, draws): how many of `draws` items, drawn without replacement from `population`
/// items of which `successes` are marked, are marked. Integers with 0 <= successes, draws <= population.
///   log p(x) = log(K over x) + log(N - K over n - x) - log(N over n),   N, K, n the three parameters
/// Draws: one item after the other.
#include "nuthatch/distribution.h"

namespace nuthatch {

struct HyperGeometric : Distribution {
  template <Positional A, Positional B, Positional C>
  explicit HyperGeometric(const A& population, const B& successes, const C& draws, Where where = Where::current())
      : Distribution(make(population, successes, draws, where)) {}

 private:
  static Distribution make(const Tensor& population, const Tensor& successes, const Tensor& draws, Where where);
};

}  // namespace nuthatch
