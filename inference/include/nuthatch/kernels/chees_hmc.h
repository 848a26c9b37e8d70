#pragma once
/// Hamiltonian Monte Carlo with many chains that share step size, trajectory length and metric, and learn them together:
/// no tree, the same work in every chain. Hoffman, Radul & Sountsov, AISTATS (2021).
#include "nuthatch/kernels/kernel.h"

namespace nuthatch {

struct ChEESHMCOptions {
  OnlyNamed only_named{};
  /// Harmonic mean over chains of the acceptance probability that the step size is adapted to.
  double target_accept_prob = 0.651;
  double step_size = 1.0;
  /// Of the stochastic gradient ascent on the trajectory length.
  double learning_rate = 0.025;
  std::int64_t max_leapfrogs = 1000;
  Init init = init_to_uniform();
};

/// num_chains must be at least 4; a dozen or more learn well. The draws of chain i depend on all chains.
Kernel ChEESHMC(const Model& model, const ChEESHMCOptions& options = {}, Where where = Where::current());

}  // namespace nuthatch
