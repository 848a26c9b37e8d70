#pragma once
/// Leave-one-out cross-validation where importance weights fail, without fitting again: Paananen, Piironen, Buerkner &
/// Vehtari, "Implicitly adaptive importance sampling", Statistics and Computing 31 (2021).
#include "nuthatch/loo.h"
#include "nuthatch/model.h"

namespace nuthatch {

struct MomentMatchOptions {
  OnlyNamed named = OnlyNamed();
  /// Observed site; needed when there are several.
  std::string var_name = {};
  /// As in LooOptions.
  std::optional<double> r_eff = {};
  std::string scale = "log";
  /// Observations with a Pareto k above this are worked on; by default `good_k`.
  std::optional<double> k_threshold = {};
  /// At most so many affine maps for one observation.
  int max_iterations = 30;
};

/// loo(fit), and for every observation with a large Pareto k: draws are moved by affine maps of unconstrained space, that
/// match mean, then mean and variance, then mean and covariance, of the draws weighted for the posterior without the
/// observation, as long as k is positive and falls. (The paper stops at the threshold; going on costs little and the estimates are
/// better.) The estimate takes half of the draws moved and half as they are, weighted for the
/// mixture of both. `fit` needs the draws of all latent sites and the group log_likelihood; the arguments are those of the
/// model, observations included. An observation worked on costs some ten evaluations of the log density per draw. A k that
/// remains above good_k is a warning, as in loo: use reloo.
Elpd loo_moment_match_of(const BoundModel& model, const InferenceData& fit, const MomentMatchOptions& options = {},
                         Where where = Where::current());
template <std::derived_from<InferenceData> D, class... A>
Elpd loo_moment_match(const Model& model, const D& fit, const MomentMatchOptions& options, const A&... arguments) {
  return loo_moment_match_of(model.bind({Argument(arguments)...}), fit, options);
}

}  // namespace nuthatch
