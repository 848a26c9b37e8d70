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
  /// Scores of values in their own order, given the ascending one.
  void of(std::span<const double> sorted, std::span<const std::uint32_t> order, std::vector<double>& scores) const;

private:
  double at(double rank) const;
  std::size_t size_;
  std::vector<double> untied_;
};

/// Splits into chains that are there already.
void split(Chains x, ChainMatrix& halves);

/// sqrt((B/W + n - 1) / n), see r_hat.cpp.
double potential_scale_reduction(Chains x);
/// C n / tau, see effective_sample_size.cpp.
double effective_sample_size(Chains x);
/// With a buffer that serves many quantities.
double effective_sample_size(Chains x, std::vector<double>& buffer);
/// The same of finite values that are not all equal.
double effective_sample_size_of_sound(Chains x, std::vector<double>& buffer);
/// That of the indicator of low <= x <= high.
double effective_sample_size_between(Chains x, double low, double high);

} // namespace nuthatch::detail
