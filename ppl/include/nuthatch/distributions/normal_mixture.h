#pragma once
/// NormalMixture(weights, loc, scale): MixtureSameFamily(Categorical(weights), Normal(loc, scale)); weights [..., K],
/// and K the last extent of loc and scale together.
#include "nuthatch/distributions/categorical.h"
#include "nuthatch/distributions/mixture_same_family.h"
#include "nuthatch/distributions/normal.h"

namespace nuthatch {

struct NormalMixture : MixtureSameFamily {
  template <Positional A, Positional B, Positional C>
  explicit NormalMixture(const A& weights, const B& loc, const C& scale, Where where = Where::current())
      : MixtureSameFamily(Categorical(weights, where), Normal(loc, scale, where), where) {}
};

}  // namespace nuthatch
