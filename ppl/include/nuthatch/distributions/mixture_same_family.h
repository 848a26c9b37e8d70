#pragma once
/// MixtureSameFamily(weights, component): weights a Categorical over n components, component a distribution whose last
/// batch dimension has extent n. The index of the component is summed out.
///   log p(x) = log sum_k weights[k] p_k(x)
#include "nuthatch/distribution.h"

namespace nuthatch {

struct MixtureSameFamily : Distribution {
  explicit MixtureSameFamily(const Distribution& weights, const Distribution& component,
                             Where where = Where::current());
};

}  // namespace nuthatch
