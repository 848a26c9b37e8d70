#pragma once
/// Differential evolution Metropolis with an archive of past states: steps are differences of two earlier draws, so their
/// scales and correlations are those of the posterior. One chain by itself, no gradient. ter Braak & Vrugt, Statistics
/// and Computing 18 (2008).
#include "nuthatch/kernels/kernel.h"

namespace nuthatch {

struct DEMetropolisZOptions {
  OnlyNamed only_named{};
  /// Length of a step in units of a difference; 0: 2.38 / sqrt(2 dim). Warm-up tunes it.
  double lambda = 0;
  bool tune_lambda = true;
  double target_accept_prob = 0.234;
  /// Standard deviation of the noise added to every step.
  double scaling = 1e-3;
  /// How many past draws of warm-up are kept, every tenth of them; 0: 100 + 10 dim.
  std::int64_t archive_size = 0;
  Init init = init_to_uniform();
};

Kernel DEMetropolisZ(const Model& model, const DEMetropolisZOptions& options = {}, Where where = Where::current());

}  // namespace nuthatch
