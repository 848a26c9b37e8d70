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
  /// "": whole names; "like": parts of names; "regex": regular expressions.
  std::string filter_vars = {};
  /// Group to summarise; by default the posterior, else the prior.
  std::string group = {};
  /// Probability of the interval; by default 0.94, in layout "v1" 0.89.
  std::optional<double> prob = {};
  /// "hdi" (shortest) or "eti" (equal tails); by default "hdi", in layout "v1" "eti".
  std::string ci_kind = {};
  /// "all", "stats" (mean, sd, interval), "diagnostics" (standard errors, effective sample sizes, R-hat); the same with
  /// "_median" about the median and the median absolute deviation, with an interval of equal tails; "mc_diagnostics"
  /// (mcse_mean, ess_mean, min_ss).
  std::string kind = "all";
  /// "legacy": columns and rounding of ArviZ before 1.0. "v1": those of ArviZ 1.x, where every number is rounded by its
  /// own standard error, and ess_tail is that of the quantiles 1 - prob and prob.
  std::string layout = "legacy";
  /// Decimals of every column. By default 3, 2 for R-hat and 0 for effective sample sizes; in layout "v1" as above.
  std::optional<int> round_to = {};

  ~SummaryOptions();  // compiled once
};

/// One row per scalar: `mu`, `theta[Choate]`, `b[0, 1]`. Columns
///     legacy  mean sd hdi_3% hdi_97% mcse_mean mcse_sd ess_bulk ess_tail r_hat
///     v1      mean sd eti89_lb eti89_ub ess_bulk ess_tail r_hat mcse_mean mcse_sd
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
/// The messages, one per line, or that there is nothing to say.
std::string to_string(const Diagnosis& diagnosis);

/// Divergences, trajectories cut by the tree depth (more than 5 % of the draws), R-hat > 1.01, fewer than 100 effective
/// draws per chain, BFMI < 0.3, NaN among the draws.
Diagnosis diagnose(const InferenceData& data);

} // namespace nuthatch
