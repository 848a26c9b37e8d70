#pragma once
/// Access to the group log_likelihood, shared by everything that estimates predictive accuracy.
#include "../diagnostics/columns.h"
#include "nuthatch/inference_data.h"
#include "nuthatch/loo.h"

namespace nuthatch::detail {

/// The log likelihoods of one observed variable, one column of (chain x draw) values per observation.
struct LogLikelihood {
  /// Chooses `var_name`, or the only variable there is; an Error tells `function` what is missing.
  LogLikelihood(const char* function, const InferenceData& data, const std::string& var_name, Where where);

  /// A result per observation: an array with the dimensions and labels of the observations.
  DataArray per_observation(const std::string& name, const std::vector<double>& values) const;
  /// `[3]`, `[Choate]`, `[1, 4]`: observation i by its labels.
  std::string label(std::size_t observation) const;
  /// An Error when a value of an observation is not finite.
  void check(const char* function, std::size_t observation, std::span<const double> values, Where where) const;

  DataArray variable; // chain and draw lead
  Columns columns;
  std::size_t samples() const { return columns.rows(); }
  std::size_t observations() const { return columns.size(); }
};

/// 1, -1, -2, or an Error.
double scale_value(const char* function, const std::string& scale, Where where);
/// min(1 - 1/log10(S), 0.7).
double good_pareto_k(std::size_t samples);
/// `options.r_eff`, or that of the posterior.
double choose_r_eff(const char* function, const InferenceData& data, const std::optional<double>& chosen, Where where);

/// Fills elpd, se and p (which is not scaled) from values per observation on the log scale, and stores them.
void summarise(Elpd& result, const LogLikelihood& source, std::vector<double> elpd_i, std::vector<double> p_i,
               bool pointwise);
/// Adds the message about Pareto k above good_k, when there are such.
void warn_about_pareto_k(Elpd& result, const LogLikelihood& source, const std::vector<double>& k);

} // namespace nuthatch::detail
