#pragma once
/// Comparison of models by their expected log predictive density, and weights for averaging their predictions.
#include <iosfwd>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "nuthatch/loo.h"
#include "nuthatch/random.h"

namespace nuthatch {

struct CompareOptions {
  OnlyNamed named = OnlyNamed();
  /// "loo" or "waic"; for fits, not for estimates that are computed already.
  std::string ic = "loo";
  /// "stacking" (Yao, Vehtari, Simpson and Gelman 2018), "pseudo-BMA" or "BB-pseudo-BMA" (its Bayesian bootstrap).
  std::string method = "stacking";
  /// Replications of the Bayesian bootstrap, the concentration of its Dirichlet weights, and its randomness.
  std::int64_t b_samples = 1000;
  double alpha = 1;
  Key key = Key(0);
  /// "log", "negative_log" or "deviance"; for fits.
  std::string scale = "log";
  std::string var_name = {};
  /// "legacy": the columns of ArviZ before 1.0, where elpd_diff >= 0. "v1": those of ArviZ 1.x, where elpd_diff is a
  /// model's elpd minus the best one's.
  std::string layout = "legacy";
};

/// One model of a comparison.
struct ComparedModel {
  std::string name;
  /// 0 is the best.
  std::int64_t rank = 0;
  double elpd = 0, se = 0, p = 0;
  /// Difference to the best model, with the standard error of the sum of paired differences. A difference below 4, or
  /// below a few `dse`, does not tell models apart.
  double elpd_diff = 0, dse = 0;
  double weight = 0;
  bool warning = false;
  /// Probability that the model predicts worse than the best one, under a normal approximation; NaN for the best.
  double p_worse = 0;
  /// "N < 100" or "|elpd_diff| < 4": why p_worse is not to be taken at its word.
  std::string diag_diff;
  /// "3 k > 0.70": how many Pareto k are too large.
  std::string diag_elpd;
};

class Comparison {
public:
  Comparison(std::vector<ComparedModel> models, std::string ic, std::string scale, std::string layout);

  /// Names of the columns. Legacy: rank elpd_loo p_loo elpd_diff weight se dse warning scale. v1: rank elpd_diff dse
  /// p_worse diag_diff diag_elpd p elpd se weight.
  std::vector<std::string> columns() const;
  std::size_t size() const { return models_.size(); }
  /// Name of the model of rank i.
  const std::string& index(std::size_t i) const { return models_.at(i).name; }
  const std::vector<ComparedModel>& models() const { return models_; }
  const ComparedModel& operator[](std::string_view name) const { return at(name); }
  const ComparedModel& at(std::string_view name, Where where = Where::current()) const;
  /// A number of the table; `warning` is 0 or 1. An Error for columns of text and unknown names.
  double at(std::string_view name, std::string_view column, Where where = Where::current()) const;
  const std::string& ic() const { return ic_; }
  const std::string& scale() const { return scale_; }
  /// What to be careful about.
  std::vector<std::string> messages;

private:
  friend std::string to_string(const Comparison&);
  std::string cell(const ComparedModel& model, const std::string& column) const;
  std::vector<ComparedModel> models_; // best first
  std::string ic_, scale_, layout_;
};
std::string to_string(const Comparison& comparison);
std::ostream& operator<<(std::ostream& out, const Comparison& comparison);

/// Ranks models that were fitted to the same observations. An Error when the numbers of observations differ.
Comparison compare(const std::map<std::string, InferenceData>& fits, const CompareOptions& options = {},
                   Where where = Where::current());
/// The same from estimates with values per observation, all by one method on one scale.
Comparison compare(const std::map<std::string, Elpd>& estimates, const CompareOptions& options = {},
                   Where where = Where::current());

/// Posterior predictive draws of several models mixed by weight: `num_samples` draws (by default as many as the first
/// model has) of every variable of posterior_predictive, whose shapes must agree. Dimensions (chain = 1, draw, ...).
InferenceData weight_predictions(const std::map<std::string, InferenceData>& fits, const Comparison& weights,
                                 const Key& key, std::int64_t num_samples = 0, Where where = Where::current());

} // namespace nuthatch
