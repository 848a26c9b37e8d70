#pragma once
/// Models with discrete latent sites: a draw of the inner kernel for the continuous ones, then an update of every discrete
/// number. Phan, Pradhan & Jankowiak (2019); Liu (1996) for modified Gibbs steps.
#include "nuthatch/kernels/kernel.h"

namespace nuthatch {

struct DiscreteHMCGibbsOptions {
  OnlyNamed only_named{};
  /// Proposes without evaluating all values: one log density per number instead of one per value.
  bool random_walk = false;
  /// Draws among the values other than the present one, with an accept step: moves more often than a Gibbs step.
  bool modified = false;
};

/// DiscreteHMCGibbs(NUTS(model)). Sites without a known finite support, such as Poisson, make random-walk steps. The log
/// density is evaluated for every value of every number in every draw: where a site can be summed out, that is better.
Kernel DiscreteHMCGibbs(const Kernel& inner, const DiscreteHMCGibbsOptions& options = {},
                        Where where = Where::current());

}  // namespace nuthatch
