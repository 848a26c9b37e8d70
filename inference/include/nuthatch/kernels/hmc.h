#pragma once
/// Hamiltonian Monte Carlo with trajectories of fixed length: Duane et al. (1987), Neal (2011).

#include "nuthatch/kernels/kernel.h"

namespace nuthatch {

struct HMCOptions {
  OnlyNamed only_named{};
  /// Length of a trajectory; the number of leapfrog steps follows from the step size.
  double trajectory_length = 6.283185307179586;
  /// A fixed number of leapfrog steps instead; 0: none.
  std::int64_t num_steps = 0;
  double target_accept_prob = 0.8;
  Metric metric = automatic();
  std::string adaptation = "fisher";
  double step_size = 1.0;
  bool adapt_step_size = true;
  bool adapt_mass_matrix = true;
  Init init = init_to_uniform();
};

Kernel HMC(const Model& model, const HMCOptions& options = {}, Where where = Where::current());

}  // namespace nuthatch
