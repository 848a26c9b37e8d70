#pragma once
/// Tables of posterior summaries, and the findings of convergence checks.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nuthatch/options.h"
#include "nuthatch/table.h"

namespace nuthatch {

class InferenceData;

struct SummaryOptions {
  OnlyNamed named = OnlyNamed();
  /// Variables in this order; names that begin with ~ are left out instead. Empty: all.
  std::vector<std::string> var_names = {};
  /// Probability of the highest density interval.
  double prob = 0.94;
  /// "all", "stats" (mean, sd, interval) or "diagnostics" (standard errors, effective sample sizes, R-hat).
  std::string kind = "all";
  /// Decimals of every column. By default 3, 2 for R-hat and 0 for effective sample sizes.
  std::optional<int> round_to = {};
};

/// mean sd hdi_3% hdi_97% mcse_mean mcse_sd ess_bulk ess_tail r_hat of the posterior (else of the prior), one row per
/// scalar: `mu`, `theta[Choate]`, `b[0, 1]`.
Table summary(const InferenceData& data, const SummaryOptions& options = {}, Where where = Where::current());

/// Findings about a sample. R-hat and effective sample sizes are the worst over all quantities; NaN when they cannot be
/// computed.
struct Diagnosis {
  /// True when there is nothing to say.
  bool ok = true;
  /// One sentence per finding, with its remedy.
  std::vector<std::string> messages;
  std::int64_t divergences = 0;
  /// Draws whose trajectory was cut by the largest tree depth allowed.
  std::int64_t max_tree_depth_reached = 0;
  double max_r_hat = 0;
  double min_ess_bulk = 0;
  double min_ess_tail = 0;
  double min_bfmi = 0;
  explicit operator bool() const { return ok; }
};

/// Divergences, trajectories cut by the tree depth (more than 5 % of the draws), R-hat > 1.01, fewer than 100 effective
/// draws per chain, BFMI < 0.3, NaN among the draws.
Diagnosis diagnose(const InferenceData& data);

} // namespace nuthatch
