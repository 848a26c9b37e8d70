#pragma once
/// Chains of discrete states z_0, z_1, ... seen through one emission per step: their sum, their maximum, and states given
/// the emissions. Everything is in log space, so that nothing underflows, however long the chain: -infinity is allowed for
/// what is impossible.
///
/// log_initial [..., k]; log_transition [..., k, k], from row to column; log_emission [..., steps, k], the log density of
/// what was seen at a step for each state. Leading dimensions are independent chains; those of the emissions count.
#include "nuthatch/distributions/discrete_markov_chain.h"
#include "nuthatch/random.h"

namespace nuthatch {

struct HiddenMarkovOptions {
  OnlyNamed only_named{};
  /// Joins neighbouring steps in a tree: depth O(log steps) and k times the work, instead of one step after another.
  /// Neither result nor derivative depend on it but for rounding.
  bool parallel = false;
};

/// log p(emissions): the sum over all paths, by the forward algorithm. Rabiner (1989). Of shape [...].
Tensor hidden_markov_log_prob(const Tensor& log_initial, const Tensor& log_transition, const Tensor& log_emission,
                              const HiddenMarkovOptions& options = {}, Where where = Where::current());
/// The log density of the most probable path, [...].
Tensor hidden_markov_max(const Tensor& log_initial, const Tensor& log_transition, const Tensor& log_emission,
                         Where where = Where::current());
/// The most probable path (Viterbi), i64 [..., steps].
Tensor hidden_markov_path(const Tensor& log_initial, const Tensor& log_transition, const Tensor& log_emission,
                          Where where = Where::current());
/// A draw of the path given the emissions (forward filtering, backward sampling), i64 [..., steps].
Tensor hidden_markov_sample(const Key& key, const Tensor& log_initial, const Tensor& log_transition,
                            const Tensor& log_emission, Where where = Where::current());

/// MarkovChain(transition, initial, steps): DiscreteMarkovChain with a Categorical, or probabilities, for the first state:
/// z_0 ~ initial, z_t ~ Categorical(transition[z_{t-1}]), a vector of `steps` integers 0 ... k-1. A latent site of it is
/// summed out by marginalize.
struct MarkovChain : Distribution {
  explicit MarkovChain(const Tensor& transition, const Distribution& initial, std::int64_t steps,
                       Where where = Where::current());
  template <Positional P>
  explicit MarkovChain(const Tensor& transition, const P& initial, std::int64_t steps, Where where = Where::current())
      : Distribution(DiscreteMarkovChain(transition, initial, steps, where)) {}
};

}  // namespace nuthatch
