#include <algorithm>
#include <cmath>
#include <limits>

#include "chains.h"

namespace nuthatch::detail {

std::pair<double, double> hdi_of_sorted(std::span<const double> sorted, double probability) {
  const std::size_t n = sorted.size();
  // With all the mass asked for, the interval is the range.
  const auto width = std::min(static_cast<std::size_t>(std::floor(probability * static_cast<double>(n))), n - 1);
  std::size_t best = 0;
  for (std::size_t i = 1; i + width < n; ++i)
    if (sorted[i + width] - sorted[i] < sorted[best + width] - sorted[best]) best = i;
  return {sorted[best], sorted[best + width]};
}

std::pair<double, double> hdi(std::span<const double> x, double probability) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  if (x.empty() || has_nan(x)) return {nan, nan};
  std::vector<double> sorted(x.begin(), x.end());
  std::sort(sorted.begin(), sorted.end());
  return hdi_of_sorted(sorted, probability);
}

std::pair<double, double> eti(std::span<const double> x, double probability) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  if (x.empty() || has_nan(x)) return {nan, nan};
  std::vector<double> sorted(x.begin(), x.end());
  std::sort(sorted.begin(), sorted.end());
  return {quantile_of_sorted(sorted, (1 - probability) / 2), quantile_of_sorted(sorted, (1 + probability) / 2)};
}

/// Betancourt (2016), "Diagnosing suboptimal cotangent disintegrations in Hamiltonian Monte Carlo". Values below
/// 0.3 say that momentum resampling explores the energies too slowly.
std::vector<double> bfmi(Chains energy) {
  std::vector<double> out;
  for (std::size_t c = 0; c < energy.chains; ++c) {
    const auto e = energy.chain(c);
    double sum = 0;
    for (std::size_t d = 1; d < e.size(); ++d) sum += (e[d] - e[d - 1]) * (e[d] - e[d - 1]);
    out.push_back(sum / static_cast<double>(e.size() - 1) / variance(e));
  }
  return out;
}

} // namespace nuthatch::detail
