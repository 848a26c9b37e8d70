#pragma once
/// Mixture(weights, {a, b, ...}): a draw from one of K distributions of any families, component k with probability
/// weights[k]; weights [..., K] sum to one, or a Categorical. The components have the same event shape and broadcast
/// with each other. The index of the component is summed out.
///   log p(x) = log sum_k weights[k] p_k(x)
#include <vector>

#include "nuthatch/distribution.h"

namespace nuthatch {

struct Mixture : Distribution {
  template <Positional A>
  explicit Mixture(const A& weights, const std::vector<Distribution>& components, Where where = Where::current())
      : Distribution(make("Mixture", weights, components, where)) {}
  explicit Mixture(const Distribution& weights, const std::vector<Distribution>& components,
                   Where where = Where::current())
      : Distribution(make("Mixture", weights, components, where)) {}

 protected:
  explicit Mixture(const Distribution& made) : Distribution(made) {}
  static Distribution make(const char* name, const Tensor& weights, const std::vector<Distribution>& components,
                           Where where);
  static Distribution make(const char* name, const Distribution& weights, const std::vector<Distribution>& components,
                           Where where);
};

}  // namespace nuthatch
