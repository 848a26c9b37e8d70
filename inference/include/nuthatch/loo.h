#pragma once
/// How well a model predicts data it has not seen, estimated from one fit: the expected log pointwise predictive
/// density (elpd) by leave-one-out cross-validation or WAIC. Higher is better.
///
/// Vehtari, Gelman and Gabry (2017), "Practical Bayesian model evaluation using leave-one-out cross-validation and
/// WAIC"; Vehtari, Simpson, Gelman, Yao and Gabry (2024), "Pareto smoothed importance sampling". Numbers are ArviZ's.
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "nuthatch/inference_data.h"

namespace nuthatch {

/// An estimate of elpd. `se` and the pointwise values refer to `num_data` observations.
struct Elpd {
  Elpd();
  // Defined in one place: their code is large.
  Elpd(const Elpd&);
  Elpd(Elpd&&) noexcept;
  Elpd& operator=(const Elpd&);
  Elpd& operator=(Elpd&&) noexcept;
  ~Elpd();

  /// "loo", "waic", "kfold", "loo_subsample" or "loo_moment_match".
  std::string method = "loo";
  /// "log"; "negative_log" and "deviance" multiply elpd, se and elpd_i by -1 and -2, so that lower is better.
  std::string scale = "log";
  double elpd = 0, se = 0;
  /// Effective number of parameters: how much better the model predicts the data it was fitted to.
  double p = 0;
  std::int64_t num_samples = 0, num_data = 0;
  /// True when the estimate is not to be trusted; `messages` say why and what to do.
  bool warning = false;
  std::vector<std::string> messages;
  /// Largest Pareto k that is good for so many samples, min(1 - 1/log10(S), 0.7); NaN without importance sampling.
  double good_k = 0;
  /// Standard error that is due to subsampling alone; 0 when all observations were used.
  double subsampling_se = 0;

  /// Per observation, with the dimensions of the observations.
  DataArray elpd_i, p_i;
  /// Pareto k of the importance weights of each observation; empty without importance sampling. Above `good_k` an
  /// observation has so much influence that its weights cannot be trusted.
  DataArray pareto_k;

  /// 1, -1 or -2: what `scale` multiplies by.
  double scale_value() const;
  /// Whether the values per observation are there.
  bool pointwise() const { return !elpd_i.name().empty(); }
};
using Loo = Elpd;

/// ArviZ's text: estimates, standard errors and, for LOO, how many Pareto k are good, bad and very bad.
std::string to_string(const Elpd& elpd);
std::ostream& operator<<(std::ostream& out, const Elpd& elpd);

struct LooOptions {
  OnlyNamed named = OnlyNamed();
  /// Variable of the group log_likelihood; needed when there are several.
  std::string var_name = {};
  /// Effective sample size divided by the number of samples; by default the mean of ess_mean over all quantities of the
  /// posterior, 1 for a single chain.
  std::optional<double> r_eff = {};
  /// False leaves out the values per observation, which compare needs.
  bool pointwise = true;
  /// "log", "negative_log" or "deviance".
  std::string scale = "log";
  /// Tail of the importance weights as in ArviZ before 1.0.
  bool legacy_tail = false;
};

struct WaicOptions {
  OnlyNamed named = OnlyNamed();
  std::string var_name = {};
  bool pointwise = true;
  std::string scale = "log";
};

/// Pareto smoothed importance sampling leave-one-out cross-validation from the group log_likelihood, of dimensions
/// (chain, draw, ...observations). Values that are not finite are an Error that names the observation.
Elpd loo(const InferenceData& data, const LooOptions& options = {}, Where where = Where::current());

/// Widely applicable information criterion, elpd_i = log mean p - var(log p). A variance above 0.4 is a warning; prefer
/// loo, whose failures can be seen.
Elpd waic(const InferenceData& data, const WaicOptions& options = {}, Where where = Where::current());

/// Smoothed and normalised log importance weights, with the Pareto k of each observation.
struct SmoothedWeights {
  /// The dimensions of what was smoothed; sums of exp over (chain, draw) are 1.
  DataArray log_weights;
  /// Without chain and draw.
  DataArray pareto_k;
};
/// Pareto smoothed importance sampling of log ratios (chain, draw, ...): for leave-one-out, minus the log likelihood.
SmoothedWeights psis(const DataArray& log_ratios, double r_eff = 1.0, Where where = Where::current());

/// Relative efficiency of a fit: mean of ess_mean over all quantities of the posterior, over the number of samples.
double relative_efficiency(const InferenceData& data, Where where = Where::current());

} // namespace nuthatch
