#pragma once
/// MixtureGeneral(weights, {a, b, ...}): the same as Mixture, for weights that are a Categorical.
#include "nuthatch/distributions/mixture.h"

namespace nuthatch {

struct MixtureGeneral : Mixture {
  explicit MixtureGeneral(const Distribution& weights, const std::vector<Distribution>& components,
                          Where where = Where::current())
      : Mixture(make("MixtureGeneral", weights, components, where)) {}
};

}  // namespace nuthatch
