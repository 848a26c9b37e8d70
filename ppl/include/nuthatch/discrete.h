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
///
/// A site in the body of a scan is summed over all its paths, when the scan carries its state:
///
///     scan(Tensor(0), ys, [&](Tensor before, Observed y) {
///       Tensor z = sample("z", Categorical(transition[before]), {.enumerate = true});
///       sample("y", Normal(mu[z], 1.0), y);
///       return std::pair{z, z};
///     });
///
/// The body is traced once with all pairs of states before and now. The initial state may be an enumerated site itself.
/// What depends on the states must be in the body; several sites there are one joint state.
#include <cstdint>

#include "nuthatch/handlers.h"
#include "nuthatch/hidden_markov.h"

namespace nuthatch {

/// How the sum over all paths of a chain is taken. Results agree but for rounding.
enum class ChainSum : std::uint8_t {
  /// What is faster on the device: on a CPU step by step, for any number of states (1.1 times for 2, 16 times for 8, with
  /// gradients).
  automatic,
  /// One step after another: steps k^2 operations for k states. Chains that are seen together go on one by one.
  sequential,
  /// Products of neighbouring steps, then of these, and so on: O(log steps) depth, steps k^3 operations, k counting the
  /// joint states of chains that are seen together. For hardware that does many things at once.
  tree
};

struct MarginalizeOptions {
  OnlyNamed only_named{};
  /// The largest number of plates around a site, plus other batch dimensions in use.
  int max_plate_nesting = 2;
  ChainSum chains = ChainSum::automatic;
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
