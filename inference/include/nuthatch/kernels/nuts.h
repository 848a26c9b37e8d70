#pragma once
/// The No-U-Turn sampler: Hoffman & Gelman, JMLR 15 (2014), with multinomial sampling of the trajectory and the
/// generalised criterion of Betancourt (2017).
#include "nuthatch/kernels/kernel.h"

namespace nuthatch {

struct NUTSOptions {
  OnlyNamed only_named{};
  /// Mean acceptance statistic that the step size is adapted to. Raise it against divergences.
  double target_accept_prob = 0.8;
  /// A trajectory has at most 2^max_tree_depth - 1 leapfrog steps.
  int max_tree_depth = 10;
  Metric metric = automatic();
  /// "fisher": metric from draws and gradients (Seyboldt, Carlson & Carpenter 2024). "windows": Stan's warm-up.
  std::string adaptation = "fisher";
  /// "fisher" only: after the early part of warm-up the step size is adapted to the mean over the trajectory of
  /// 2 min(1, w) / (1 + w), w = exp(-change of energy), in place of min(1, w): errors of either sign count (nutpie).
  /// sample_stats then has symmetric_acceptance_rate.
  bool symmetric_acceptance = false;
  /// The first step size, or the only one without adaptation.
  double step_size = 1.0;
  bool adapt_step_size = true;
  bool adapt_mass_matrix = true;
  Init init = init_to_uniform();
  /// "paired": two leapfrogs per tick; "plain": one, which is better when the gradient is expensive; "auto": by the
  /// amount of data. The draws are the same.
  std::string form = "auto";

  ~NUTSOptions();  // compiled once
};

Kernel NUTS(const Model& model, const NUTSOptions& options = {}, Where where = Where::current());

}  // namespace nuthatch
