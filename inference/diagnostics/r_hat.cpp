#include <algorithm>
#include <cmath>
#include <limits>

#include "rank_normalise.h"

namespace nuthatch::detail {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

bool valid(Chains x) { return x.chains >= 2 && x.draws >= 4 && !has_nan(x.values); }

} // namespace

/// sqrt((B/W + n - 1) / n): W the mean variance within chains, B = n times the variance of their means
/// (Gelman and Rubin 1992; Vehtari et al. 2021, section 3.1).
double potential_scale_reduction(Chains x) {
  const double n = static_cast<double>(x.draws);
  std::vector<double> means(x.chains), variances(x.chains);
  for (std::size_t c = 0; c < x.chains; ++c) {
    means[c] = mean(x.chain(c));
    variances[c] = variance(x.chain(c));
  }
  const double between = n * variance(means), within = mean(variances);
  return std::sqrt((between / within + n - 1) / n);
}

double r_hat(Chains x) {
  if (!valid(x)) return kNaN;
  const ChainMatrix halves = split(x);
  const double bulk = potential_scale_reduction(rank_normalise(halves));
  const double tail = potential_scale_reduction(rank_normalise(fold(halves)));
  return std::isnan(bulk) || std::isnan(tail) ? kNaN : std::max(bulk, tail);
}

double r_hat_split(Chains x) { return valid(x) ? potential_scale_reduction(split(x)) : kNaN; }

double r_hat_folded(Chains x) { return valid(x) ? potential_scale_reduction(rank_normalise(fold(split(x)))) : kNaN; }

double r_hat_z_scale(Chains x) { return valid(x) ? potential_scale_reduction(rank_normalise(split(x))) : kNaN; }

double r_hat_identity(Chains x) { return valid(x) ? potential_scale_reduction(x) : kNaN; }

} // namespace nuthatch::detail
