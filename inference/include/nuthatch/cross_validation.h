#pragma once
/// Cross-validation beyond the estimate of elpd: predictions without the observation they are compared with, exact
/// refits where importance sampling fails, K folds, and large data by subsampling.
#include <cstdint>
#include <string>
#include <vector>

#include "nuthatch/loo.h"
#include "nuthatch/random.h"

namespace nuthatch {

struct LooPitOptions {
  OnlyNamed named = OnlyNamed();
  /// Variable of log_likelihood, posterior_predictive and observed_data.
  std::string var_name = {};
  std::optional<double> r_eff = {};
  /// What predictions equal to the observation count: "half" of their weight, "all" of it, or a "random" share, which
  /// makes the values of a discrete observation uniform as well.
  std::string ties = "half";
  Key key = Key(0);
};
/// Probability that a prediction made without observation i is smaller than it: uniform on (0, 1) over the observations
/// when the model is calibrated. Has the dimensions of the observations.
DataArray loo_pit(const InferenceData& data, const LooPitOptions& options = {}, Where where = Where::current());

/// "mean", "sd", "var", "median" or "quantile" of the prediction for each observation made without it; `probability`
/// is that of the quantile. Variances are corrected by the effective number of weights.
DataArray loo_expectation(const InferenceData& data, const std::string& kind = "mean", double probability = 0.5,
                          const LooPitOptions& options = {}, Where where = Where::current());

/// Which of k folds each observation belongs to.
class Folds {
public:
  /// An Error unless every number is in 0 ... k-1 and every fold has an observation.
  Folds(std::vector<std::int64_t> fold_of, std::int64_t k, Where where = Where::current());
  std::int64_t k() const { return k_; }
  std::int64_t size() const { return static_cast<std::int64_t>(fold_of_.size()); }
  const std::vector<std::int64_t>& fold_of() const { return fold_of_; }
  /// Positions of the observations of a fold, and of all others, in ascending order: i64.
  Tensor held_out(std::int64_t fold) const;
  Tensor kept(std::int64_t fold) const;

private:
  std::vector<std::int64_t> fold_of_;
  std::int64_t k_;
};
/// n observations in k random folds whose sizes differ by one at most.
Folds random_folds(std::int64_t n, std::int64_t k, const Key& key, Where where = Where::current());
/// Every class of `labels` (integers) is spread evenly over the folds.
Folds stratified_folds(const Tensor& labels, std::int64_t k, const Key& key, Where where = Where::current());
/// Observations of one group (integers) stay together; groups are dealt to the folds at random, evenly in number.
Folds grouped_folds(const Tensor& groups, std::int64_t k, const Key& key, Where where = Where::current());

/// elpd from the log likelihoods (chain, draw, ...held out) of each fold under the fit without it. With `full`, an
/// estimate with values per observation of the fit to all data (loo or waic, scale "log"), p is the optimism of that
/// fit, else NaN.
Elpd k_fold_elpd(const Folds& folds, const std::vector<Tensor>& log_likelihoods, const Elpd* full = nullptr,
                 Where where = Where::current());

/// K-fold cross-validation: `refit(kept, held_out)` fits the model to the observations at positions `kept` and returns
/// the log likelihoods (chain, draw, held out) of the others.
template <class Refit>
Elpd k_fold(const Folds& folds, Refit&& refit, const Elpd* full = nullptr, Where where = Where::current()) {
  std::vector<Tensor> log_likelihoods;
  for (std::int64_t fold = 0; fold < folds.k(); ++fold)
    log_likelihoods.push_back(refit(folds.kept(fold), folds.held_out(fold)));
  return k_fold_elpd(folds, log_likelihoods, full, where);
}

/// Positions (row-major) of the observations whose Pareto k is above good_k.
std::vector<std::int64_t> influential_observations(const Elpd& loo, Where where = Where::current());
/// `loo` with the values of some observations replaced by exact ones; their Pareto k is 0 then. `log_likelihoods[i]`
/// (chain, draw) is that of observation `observations[i]` under a fit without it.
Elpd replace_observations(const Elpd& loo, const std::vector<std::int64_t>& observations,
                          const std::vector<Tensor>& log_likelihoods, Where where = Where::current());

/// Exact leave-one-out where importance sampling fails: `refit(i)` fits the model without observation i and returns its
/// log likelihood (chain, draw).
template <class Refit> Elpd reloo(const Elpd& loo, Refit&& refit, Where where = Where::current()) {
  const auto observations = influential_observations(loo, where);
  std::vector<Tensor> log_likelihoods;
  for (std::int64_t i : observations) log_likelihoods.push_back(refit(i));
  return replace_observations(loo, observations, log_likelihoods, where);
}

struct LooSubsampleOptions {
  OnlyNamed named = OnlyNamed();
  std::string var_name = {};
  std::optional<double> r_eff = {};
  /// Chooses the observations, without replacement.
  Key key = Key(0);
  /// Positions (row-major) instead of a random choice.
  std::vector<std::int64_t> observations = {};
};
/// LOO of `count` observations, extended to all by the difference to their log predictive densities: Magnusson,
/// Andersen, Jonasson and Vehtari (2020), "Leave-one-out cross-validation for Bayesian model comparison in large data".
/// elpd_i and pareto_k are NaN where not computed.
Elpd loo_subsample(const InferenceData& data, std::int64_t count, const LooSubsampleOptions& options = {},
                   Where where = Where::current());

} // namespace nuthatch
