#pragma once
/// R-hat, bulk and tail effective sample size of one scalar at once.
///
/// They share the split and the sort: the order of |x - median| is a merge of the two halves of the order of x, and
/// the quantiles can be read off. For a table of many quantities this is several times as fast as one by one.
#include <optional>

#include "rank_normalise.h"

namespace nuthatch::detail {

struct Convergence {
  double r_hat, ess_bulk, ess_tail;
};

/// Keeps what does not depend on the values from one quantity to the next.
class ConvergenceCheck {
public:
  /// ess_tail is the smaller one of the quantiles `lower` and `upper`.
  Convergence operator()(Chains x, double lower = 0.05, double upper = 0.95);
  /// All draws of the last call in ascending order; empty when they gave NaN.
  std::span<const double> sorted() const { return sorted_; }

private:
  std::optional<NormalScores> scores_;
  std::vector<double> sorted_;
};

} // namespace nuthatch::detail
