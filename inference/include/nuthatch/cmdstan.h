#pragma once
/// CmdStan's CSV files, one per chain: read as a fit, and written for tools that know them.
#include <string>
#include <vector>

#include "nuthatch/inference_data.h"

namespace nuthatch {

struct CmdStanOptions {
  OnlyNamed named = OnlyNamed();
  /// Generated quantities that belong to other groups than the posterior.
  std::vector<std::string> posterior_predictive = {}, predictions = {}, log_likelihood = {}, log_prior = {};
};

/// Reads the output of `sample`, one file per chain in this order. `theta.2.1` is an element of theta of dimensions
/// theta_dim_0, theta_dim_1; lp__, accept_stat__, stepsize__, treedepth__, n_leapfrog__, divergent__ and energy__
/// become lp, acceptance_rate, step_size, tree_depth, n_steps, diverging and energy of sample_stats. Draws of the
/// warm-up, when saved, become warmup_posterior and warmup_sample_stats. An Error names file, line and reason; chains
/// must agree.
InferenceData load_cmdstan(const std::vector<std::string>& files, const CmdStanOptions& options = {},
                           Where where = Where::current());

/// Writes posterior and sample_stats to `prefix`_1.csv, `prefix`_2.csv, ... and returns these names. Arrays are in
/// Stan's order, the first index fastest; numbers are exact. Each file appears complete or not at all.
std::vector<std::string> save_cmdstan(const InferenceData& data, const std::string& prefix,
                                      Where where = Where::current());

} // namespace nuthatch
