#pragma once
/// The Metropolis-adjusted microcanonical sampler: exact, with trajectories at constant speed, which tolerate larger steps
/// than Hamiltonian ones in high dimension. Robnik, Cohn-Gordon & Seljak (2025).
#include "nuthatch/kernels/kernel.h"

namespace nuthatch {

struct MAMSOptions {
  OnlyNamed only_named{};
  /// Mean length of a trajectory, where standard deviations are one; 0: the square root of the dimension.
  double trajectory_length = 0;
  double target_accept_prob = 0.9;
  Metric metric = diagonal();
  double step_size = 1.0;
  bool adapt_step_size = true;
  bool adapt_mass_matrix = true;
  Init init = init_to_uniform();
};

/// Needs at least two unconstrained dimensions.
Kernel MAMS(const Model& model, const MAMSOptions& options = {}, Where where = Where::current());

}  // namespace nuthatch
