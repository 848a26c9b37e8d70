#pragma once
/// R-hat, effective sample sizes and standard error of one scalar after the other.
///
/// They share the split and the sort: the order of |x - median| is a merge of the two halves of the order of x, and
/// the quantiles can be read off. What does not depend on the values, and the memory, is kept from one quantity to the
/// next: for a table of many quantities that is several times as fast as one by one.
#include <optional>

#include "rank_normalise.h"

namespace nuthatch::detail {

struct Convergence {
  double r_hat, ess_bulk, ess_tail;
};

class ConvergenceCheck {
public:
  /// ess_tail is the smaller one of the quantiles `lower` and `upper`.
  Convergence operator()(Chains x, double lower = 0.05, double upper = 0.95);
  /// All draws of the last call in ascending order; empty when they gave NaN.
  std::span<const double> sorted() const { return sorted_; }
  /// Monte Carlo standard errors of mean and standard deviation of the draws of the last call; NaN when it gave NaN.
  struct Errors {
    double of_mean, of_sd;
  };
  Errors standard_errors(Chains x);

  // One of them alone.
  double r_hat(Chains x);
  double ess_bulk(Chains x);
  double ess_tail(Chains x, double lower = 0.05, double upper = 0.95);
  double ess_mean(Chains x);

private:
  /// Splits and sorts; false when the draws have no diagnostics.
  bool prepare(Chains x);
  void rank();
  double folded_r_hat();
  double tail(Chains x, double lower, double upper);
  double bulk_ess();

  std::optional<NormalScores> scores_;
  ChainMatrix halves_, z_;
  std::vector<double> sorted_, folded_, buffer_;
  std::vector<std::uint32_t> order_, folded_order_;
};

/// One for each thread.
ConvergenceCheck& convergence_check();

} // namespace nuthatch::detail
