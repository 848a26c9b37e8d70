#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "convergence.h"

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

double r_hat(Chains x) { return convergence_check().r_hat(x); }

double r_hat_split(Chains x) { return valid(x) ? potential_scale_reduction(split(x)) : kNaN; }

double r_hat_folded(Chains x) { return valid(x) ? potential_scale_reduction(rank_normalise(fold(split(x)))) : kNaN; }

double r_hat_z_scale(Chains x) { return valid(x) ? potential_scale_reduction(rank_normalise(split(x))) : kNaN; }

double r_hat_identity(Chains x) { return valid(x) ? potential_scale_reduction(x) : kNaN; }

namespace {

/// sqrt(1 + B / W): B the variance of the group means, W the mean over groups of the variance within chains plus that
/// of the chain means.
double nested(Chains x, std::span<const std::int64_t> groups) {
  std::map<std::int64_t, std::vector<std::size_t>> members;
  for (std::size_t c = 0; c < x.chains; ++c) members[groups[c % groups.size()]].push_back(c);
  std::vector<double> centres, spreads;
  for (const auto& [group, chains] : members) {
    std::vector<double> means, variances;
    for (std::size_t c : chains) {
      means.push_back(mean(x.chain(c)));
      variances.push_back(x.draws > 1 ? variance(x.chain(c)) : 0);
    }
    centres.push_back(mean(means));
    spreads.push_back(mean(variances) + (means.size() > 1 ? variance(means) : 0));
  }
  return std::sqrt(1 + variance(centres) / mean(spreads));
}

} // namespace

double r_hat_nested(Chains x, std::span<const std::int64_t> groups, RHatForm form) {
  if (!valid(x)) return kNaN;
  if (form == RHatForm::identity) return nested(x, groups);
  const ChainMatrix halves = split(x); // the halves of chain c are chains c and c + chains
  if (form == RHatForm::split) return nested(halves, groups);
  const double bulk = form == RHatForm::folded ? kNaN : nested(rank_normalise(halves), groups);
  const double tail = form == RHatForm::z_scale ? kNaN : nested(rank_normalise(fold(halves)), groups);
  return form == RHatForm::z_scale ? bulk : form == RHatForm::folded ? tail : std::max(bulk, tail);
}

} // namespace nuthatch::detail
