#pragma once
/// Normal scores of ranks, Phi^-1((r - 3/8) / (S + 1/4)).
#include <cstdint>

#include "chains.h"

namespace nuthatch::detail {

/// The scores of S values without ties depend on S alone: one table serves all quantities of a posterior.
class NormalScores {
public:
  explicit NormalScores(std::size_t size);
  std::size_t size() const { return size_; }
  /// Scores of x in its own order, given its ascending order.
  std::vector<double> of(std::span<const double> x, std::span<const std::uint32_t> order) const;

private:
  double at(double rank) const;
  std::size_t size_;
  std::vector<double> untied_;
};

/// sqrt((B/W + n - 1) / n), see r_hat.cpp.
double potential_scale_reduction(Chains x);
/// C n / tau, see effective_sample_size.cpp.
double effective_sample_size(Chains x);
/// That of the indicator of low <= x <= high.
double effective_sample_size_between(Chains x, double low, double high);

} // namespace nuthatch::detail
