#pragma once
/// Models with discrete and continuous latent sites: discrete numbers change within a Hamiltonian trajectory, without
/// new momenta in between. Zhou, "Mixed Hamiltonian Monte Carlo for mixed discrete and continuous variables" (2020).
#include "nuthatch/kernels/hmc.h"

namespace nuthatch {

struct MixedHMCOptions {
  OnlyNamed only_named{};
  /// Length of a whole trajectory; its leapfrog steps are shared equally by the stretches between discrete updates.
  double trajectory_length = 6.283185307179586;
  /// How often in a trajectory one discrete number, chosen at random, may change; 0: as often as there are numbers.
  std::int64_t num_discrete_updates = 0;
  double target_accept_prob = 0.8;
  Metric metric = diagonal();
  std::string adaptation = "windows";
  double step_size = 1.0;
  bool adapt_step_size = true;
  bool adapt_mass_matrix = true;
  Init init = init_to_uniform();
};

/// Needs sites of both kinds. New values are proposed without looking: uniformly among the others of a finite support,
/// else at a distance k with probability 1 / (k (k + 1)) to either side.
Kernel MixedHMC(const Model& model, const MixedHMCOptions& options = {}, Where where = Where::current());

}  // namespace nuthatch
