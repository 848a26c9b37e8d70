#pragma once
/// Metropolis-Hastings with the Barker proposal: one gradient per draw, and less sensitive to its step size than Langevin
/// proposals. Livingstone & Zanella, JRSS B 84 (2022).
#include "nuthatch/kernels/kernel.h"

namespace nuthatch {

struct BarkerMHOptions {
  OnlyNamed only_named{};
  /// Mean acceptance probability that the step size is adapted to.
  double target_accept_prob = 0.4;
  Metric metric = diagonal();
  double step_size = 1.0;
  bool adapt_step_size = true;
  bool adapt_mass_matrix = true;
  Init init = init_to_uniform();
};

Kernel BarkerMH(const Model& model, const BarkerMHOptions& options = {}, Where where = Where::current());

}  // namespace nuthatch
