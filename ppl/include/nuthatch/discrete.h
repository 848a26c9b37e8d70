#pragma once
/// Discrete latent variables summed out exactly, and their recovery.
///
///     auto marginal = marginalize(mixture, {"component"});
///     auto fit = MCMC(NUTS(marginal)).run(Key(0), y);
///     auto states = infer_discrete(marginal, fit)(Key(1), y);   // draws of "component" given everything
///
/// Every site named takes all its values at once, along a new dimension of its own to the left of all plates; what
/// depends on it broadcasts, and the sum over its values is taken at the end, plate by plate, so that members of a plate
/// are summed independently. A MarkovChain (hidden_markov.h) is summed by the forward algorithm; what depends on it must
/// be in a plate of its steps at dimension -1. In plates there is one chain per member; chains that sites depend on
/// together are summed jointly, chain by chain.
#include "nuthatch/handlers.h"
#include "nuthatch/hidden_markov.h"

namespace nuthatch {

struct MarginalizeOptions {
  OnlyNamed only_named{};
  /// The largest number of plates around a site, plus other batch dimensions in use.
  int max_plate_nesting = 2;
};

namespace detail {
HandlerFactory marginalize_factory(const std::vector<std::string>& names, const MarginalizeOptions&, Where);
}

/// The model with these discrete latent sites summed out; without names: those with `.enumerate`. The sites are gone; an
/// observation that depends on them keeps its name, with the log density of each member summed over them, when it is the
/// only one that does. Apply it after (outside of) other handlers that concern these sites.
///
/// Errors: a site that is not discrete with a finite support, more plates than max_plate_nesting, sites that would need a
/// sum over a whole plate jointly.
template <class F>
auto marginalize(const F& model, const std::vector<std::string>& names, const MarginalizeOptions& options = {},
                 Where where = Where::current()) {
  return detail::with_handler(model, detail::marginalize_factory(names, options, where));
}
template <class F>
auto marginalize(const F& model, const MarginalizeOptions& options = {}, Where where = Where::current()) {
  return detail::with_handler(model, detail::marginalize_factory({}, options, where));
}

namespace detail {
/// What a marginalised model records of the sites it summed out, in this thread.
enum class DiscreteRecovery { none, sample, map };
class RecoverDiscrete {
 public:
  explicit RecoverDiscrete(DiscreteRecovery);
  ~RecoverDiscrete();
  RecoverDiscrete(const RecoverDiscrete&) = delete;

 private:
  DiscreteRecovery before_;
};
}  // namespace detail

}  // namespace nuthatch
