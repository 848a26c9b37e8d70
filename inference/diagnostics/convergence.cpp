#include "convergence.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "order.h"

namespace nuthatch::detail {
namespace {

/// Ascending order of |x - centre|, from the ascending order of x: outwards from the centre on both sides.
std::vector<std::uint32_t> folded_order(std::span<const double> x, std::span<const double> folded,
                                        std::span<const std::uint32_t> order, double centre) {
  std::size_t above = static_cast<std::size_t>(
      std::partition_point(order.begin(), order.end(), [&](std::uint32_t i) { return x[i] < centre; }) - order.begin());
  std::size_t below = above;
  std::vector<std::uint32_t> out(order.size());
  std::size_t at = 0;
  // Which side is next is a matter of chance: arithmetic in place of a branch.
  while (below > 0 && above < order.size()) {
    const std::uint32_t upper = order[above], lower = order[below - 1];
    const bool take_above = folded[upper] < folded[lower];
    out[at++] = take_above ? upper : lower;
    above += take_above;
    below -= !take_above;
  }
  while (below > 0) out[at++] = order[--below];
  while (above < order.size()) out[at++] = order[above++];
  return out;
}

} // namespace

Convergence ConvergenceCheck::operator()(Chains x, double lower, double upper) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  sorted_.clear();
  if (x.draws < 4 || x.chains < 1 || has_nan(x.values)) return {nan, nan, nan};
  const ChainMatrix halves = split(x);
  if (!scores_ || scores_->size() != halves.values.size()) scores_.emplace(halves.values.size());

  const auto order = ascending_order(halves.values, sorted_);
  const ChainMatrix bulk{scores_->of(halves.values, order), halves.chains, halves.draws};
  Convergence out{nan, effective_sample_size(bulk), nan};

  if (x.chains >= 2) {
    const std::size_t middle = sorted_.size() / 2; // an even number of values
    const double centre = (sorted_[middle - 1] + sorted_[middle]) / 2;
    ChainMatrix folded = halves;
    for (double& v : folded.values) v = std::abs(v - centre);
    folded.values = scores_->of(folded.values, folded_order(halves.values, folded.values, order, centre));
    const double centred = potential_scale_reduction(bulk), tails = potential_scale_reduction(folded);
    if (!std::isnan(centred) && !std::isnan(tails)) out.r_hat = std::max(centred, tails);
  }

  // The quantiles are of all draws, the split leaves out the middle of an odd number.
  if (halves.values.size() != x.size()) {
    sorted_.assign(x.values.begin(), x.values.end());
    std::sort(sorted_.begin(), sorted_.end());
  }
  const auto quantile_ess = [&](double p) {
    return effective_sample_size_between(halves, -std::numeric_limits<double>::infinity(),
                                         quantile_of_sorted(sorted_, p));
  };
  out.ess_tail = std::min(quantile_ess(lower), quantile_ess(upper));
  return out;
}

} // namespace nuthatch::detail
