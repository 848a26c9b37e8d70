/// Monte Carlo standard errors: how far an estimate may lie from its value under infinitely many draws.
#include <algorithm>
#include <cmath>
#include <limits>

#include "chains.h"

namespace nuthatch::detail {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

bool valid(Chains x) { return x.chains >= 1 && x.draws >= 4 && !has_nan(x.values); }

} // namespace

/// sd / sqrt(ess_mean).
double mcse_mean(Chains x) { return valid(x) ? std::sqrt(variance(x.values) / ess_mean(x)) : kNaN; }

/// Delta method on the second central moment m2 = (x - mean)^2 (Kenney and Keeping 1951; Vehtari et al. 2021):
/// sd(sd) = sqrt((E[m2^2] - E[m2]^2) / ESS(m2) / (4 E[m2])).
double mcse_sd(Chains x) {
  if (!valid(x)) return kNaN;
  const auto [second, fourth] = central_moments(x.values, mean(x.values));
  return std::sqrt((fourth - second * second) / ess_sd(x) / second / 4);
}

/// Half the distance between the order statistics that bound the quantile with the probability of +-1 sd of a
/// normal, the position of the quantile being Beta(ESS p + 1, ESS (1 - p) + 1).
double mcse_quantile(Chains x, double probability) {
  if (!valid(x)) return kNaN;
  const double ess = ess_quantile(x, probability);
  if (std::isnan(ess)) return kNaN;
  std::vector<double> sorted(x.values.begin(), x.values.end());
  std::sort(sorted.begin(), sorted.end());
  const double n = static_cast<double>(sorted.size());
  const double a = ess * probability + 1, b = ess * (1 - probability) + 1;
  const double low = std::max(beta_quantile(0.1586553, a, b) * n - 1, 0.0);
  const double high = std::min(beta_quantile(0.8413447, a, b) * n - 1, n - 1);
  return (sorted[static_cast<std::size_t>(std::ceil(high))] - sorted[static_cast<std::size_t>(std::floor(low))]) / 2;
}

double mcse_median(Chains x) { return mcse_quantile(x, 0.5); }

} // namespace nuthatch::detail
