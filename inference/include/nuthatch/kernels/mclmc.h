#pragma once
/// Microcanonical Langevin Monte Carlo: fast in high dimension, and not exact. Without an accept step, the step size keeps
/// the bias below the Monte Carlo error of a usual run; MAMS is the exact relative. Robnik, De Luca, Silverstein & Seljak,
/// JMLR 24 (2023).
#include "nuthatch/kernels/kernel.h"

namespace nuthatch {

struct MCLMCOptions {
  OnlyNamed only_named{};
  /// Mean squared energy error per dimension and step that warm-up adapts the step size to. Variances come
  /// out about 3 % too large with the default; a thousandth of the energy variance makes that 0.3 %.
  double desired_energy_variance = 5e-4;
  /// Length after which the direction is forgotten, where standard deviations are one; 0: the square root of the dimension.
  double decoherence_length = 0;
  /// The first step size; 0: a quarter of the square root of the dimension.
  double step_size = 0;
  /// Steps, one gradient each, between two draws.
  std::int64_t steps_per_draw = 10;
  Metric metric = diagonal();
  bool adapt_mass_matrix = true;
  Init init = init_to_uniform();
};

/// Needs at least two unconstrained dimensions.
Kernel MCLMC(const Model& model, const MCLMCOptions& options = {}, Where where = Where::current());

}  // namespace nuthatch
