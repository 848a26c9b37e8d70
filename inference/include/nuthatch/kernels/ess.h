#pragma once
/// Ensemble slice sampling: as AIES, the chains are one ensemble, and every move is accepted. No gradient. Karamanis &
/// Beutler, Statistics and Computing 31 (2021).
#include "nuthatch/kernels/kernel.h"

namespace nuthatch {

struct ESSOptions {
  OnlyNamed only_named{};
  /// An interval is stepped out to at most that many times its first length.
  std::int64_t max_steps = 10000;
  /// First length of intervals in units of half the difference between two walkers, and whether warm-up tunes it.
  double init_mu = 1;
  bool tune_mu = true;
  /// Draws anew which half of the ensemble moves first.
  bool randomize_split = true;
  Init init = init_to_uniform();
};

/// num_chains must be even and at least twice the number of unconstrained dimensions.
Kernel ESS(const Model& model, const ESSOptions& options = {}, Where where = Where::current());

}  // namespace nuthatch
