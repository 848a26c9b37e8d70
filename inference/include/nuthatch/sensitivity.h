#pragma once
/// How much the posterior depends on the prior and on the likelihood, from one fit: both are raised to a power near
/// one, and the draws reweighted. Kallioinen, Paananen, Buerkner and Vehtari (2024), "Detecting and diagnosing prior
/// and likelihood sensitivity with power-scaling".
#include <string>
#include <vector>

#include "nuthatch/fit.h"

namespace nuthatch {

struct SensitivityOptions {
  OnlyNamed named = OnlyNamed();
  /// Variables of the posterior in this order; names that begin with ~ are left out instead. Empty: all.
  std::vector<std::string> var_names = {};
  /// Variables of log_prior and of log_likelihood that are scaled. Empty: all.
  std::vector<std::string> prior_var_names = {}, likelihood_var_names = {};
  /// Powers below and above one.
  double lower_alpha = 0.99, upper_alpha = 1.01;
  /// From which sensitivity on a quantity depends on a component.
  double threshold = 0.05;
};

/// Sensitivity of one quantity to the prior and to the likelihood.
struct Sensitivity {
  std::string name;
  double prior = 0, likelihood = 0;
  /// Empty; "potential prior-data conflict" where both are large; "potential strong prior / weak likelihood" where only
  /// that to the prior is.
  std::string diagnosis;
};

/// Sensitivities of every quantity of the posterior, `mu`, `theta[Choate]`, ... Needs the groups log_prior and
/// log_likelihood.
std::vector<Sensitivity> psense(const InferenceData& data, const SensitivityOptions& options = {},
                                Where where = Where::current());
std::string to_string(const std::vector<Sensitivity>& sensitivities);

/// The same for a fit, by the name that says what for: groups that it lacks are computed from its model and draws. An Error
/// when a group is missing and the fit has no model: give MCMC {.log_prior = true, .log_likelihood = true} before saving.
std::vector<Sensitivity> prior_sensitivity(const Fit& fit, const SensitivityOptions& options = {},
                                           Where where = Where::current());

/// Weights of the draws (chain, draw), summing to one, under which they are draws of the posterior with "prior" or
/// "likelihood" raised to the power alpha.
Tensor power_scaling_weights(const InferenceData& data, const std::string& component, double alpha,
                             const SensitivityOptions& options = {}, Where where = Where::current());

} // namespace nuthatch
