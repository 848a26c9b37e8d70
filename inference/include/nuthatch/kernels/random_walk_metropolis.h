#pragma once
/// Random-walk Metropolis: normal steps, no gradient. Metropolis et al. (1953); scale and covariance are adapted during
/// warm-up (Haario, Saksman & Tamminen 2001; Roberts & Rosenthal 2009).
#include "nuthatch/kernels/kernel.h"

namespace nuthatch {

struct RandomWalkMetropolisOptions {
  OnlyNamed only_named{};
  /// Mean acceptance probability that the step size is adapted to; 0: 0.44 in one dimension, 0.234 in more (Roberts,
  /// Gelman & Gilks 1997).
  double target_accept_prob = 0;
  Metric metric = diagonal();
  /// Standard deviation of the first steps, or of all without adaptation.
  double step_size = 1.0;
  bool adapt_step_size = true;
  bool adapt_mass_matrix = true;
  Init init = init_to_uniform();
};

Kernel RandomWalkMetropolis(const Model& model, const RandomWalkMetropolisOptions& options = {},
                            Where where = Where::current());

}  // namespace nuthatch
