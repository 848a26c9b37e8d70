#pragma once
/// The affine-invariant ensemble sampler: the chains are one ensemble and move along differences between each other. No
/// gradient, and no tuning: it does not notice scales and linear correlations. For up to about twenty dimensions, with
/// many chains. Goodman & Weare (2010); Foreman-Mackey et al., "emcee" (2013).
#include "nuthatch/kernels/kernel.h"

namespace nuthatch {

struct AIESOptions {
  OnlyNamed only_named{};
  /// How often each move is chosen, in proportion: differences of two walkers (ter Braak 2006), stretches towards one.
  double differential_evolution = 1, stretch = 0;
  /// Relative spread of the length of a difference.
  double sigma = 1e-5;
  /// Largest factor of a stretch.
  double stretch_scale = 2;
  /// Draws anew which half of the ensemble moves first.
  bool randomize_split = false;
  Init init = init_to_uniform();
};

/// num_chains must be even and at least twice the number of unconstrained dimensions. A draw is one move of every chain;
/// that of chain i depends on all chains.
Kernel AIES(const Model& model, const AIESOptions& options = {}, Where where = Where::current());

}  // namespace nuthatch
