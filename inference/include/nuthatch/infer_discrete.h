#pragma once
/// The discrete variables that `marginalize` summed out, given each draw of the posterior and the data.
///
///     auto marginal = marginalize(model, {"z"});
///     Fit fit = MCMC(NUTS(marginal)).run(Key(0), y);
///     auto with_states = infer_discrete(marginal, fit, Key(1), y);    // exact joint draws of z, one per draw
///     auto most_probable = infer_discrete_map(marginal, fit, y);      // or the jointly most probable values
///
/// Both return the fit with these variables added to the group posterior: shape (chain, draw, ...plates), or (chain, draw,
/// steps) for a MarkovChain.
#include "nuthatch/discrete.h"
#include "nuthatch/predictive.h"

namespace nuthatch {

/// `key`: null for the most probable values.
InferenceData infer_discrete_of(const BoundModel& model, const InferenceData& draws, const Key* key, Where where);

template <std::derived_from<InferenceData> D, class... A>
InferenceData infer_discrete(const Model& model, const D& draws, const Predictive::Seed& seed, const A&... arguments) {
  return infer_discrete_of(model.bind({Argument(arguments)...}, seed.where), draws, &seed.key, seed.where);
}
template <std::derived_from<InferenceData> D, class... A>
InferenceData infer_discrete_map(const Model& model, const D& draws, const A&... arguments) {
  return infer_discrete_of(model.bind({Argument(arguments)...}), draws, nullptr, Where::current());
}

}  // namespace nuthatch
