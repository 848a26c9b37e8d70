// Chains of discrete states that go on independently of each other and are seen through common emissions (a factorial
// hidden Markov model, Ghahramani & Jordan, 1997); one chain is a hidden Markov model. Their joint state is summed chain by
// chain: with k states each a step costs k^(n+1) for n chains, not k^(2n).
#pragma once

#include <vector>

#include "nuthatch/random.h"

namespace nuthatch::discrete {

struct CoupledChains {
  // Of each chain, [..., k] and [..., k, k], from row to column. Leading dimensions are independent copies.
  std::vector<Tensor> log_initial, log_transition;
  Tensor log_emission;  // [steps, ..., k_1, ..., k_n]
};

/// The log of the sum over all paths, or of the largest term: [...]. As a `tree` over joint states, or step by step.
Tensor log_total(const CoupledChains& chains, bool sum, bool tree);
/// A draw of the states given the emissions (`sum`), or the most probable ones: of each chain, i64 [..., steps].
std::vector<Tensor> paths(const CoupledChains& chains, bool sum, const Key& key);

}  // namespace nuthatch::discrete
