#include "convergence.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "order.h"

namespace nuthatch::detail {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

bool valid(Chains x) { return x.draws >= 4 && x.chains >= 1 && !has_nan(x.values); }

/// Distances from the centre in ascending order, and whose they are, from the ascending order of the values: outwards
/// from the centre on both sides, and at the same time inwards from the ends, since each step waits for the one before.
void merge_folded(std::span<const double> sorted, std::span<const std::uint32_t> order, double centre,
                  std::vector<double>& folded, std::vector<std::uint32_t>& folded_order) {
  const std::size_t n = sorted.size();
  folded.resize(n), folded_order.resize(n);
  const auto distance = [&](std::size_t i) { return std::abs(sorted[i] - centre); };
  std::size_t above = static_cast<std::size_t>(std::lower_bound(sorted.begin(), sorted.end(), centre) - sorted.begin());
  // Values in [low, high) are those not taken from outside; [below, above) those taken from inside.
  std::size_t below = above, low = 0, high = n, front = 0, back = n;
  // Which side is next is a matter of chance: arithmetic in place of a branch. Of equal distances the lower side is
  // nearer in both directions.
  while (low < below && above < high && back - front >= 2) {
    const double upper = distance(above), lower = distance(below - 1);
    const bool take_above = upper < lower;
    const std::size_t near = take_above ? above : below - 1;
    folded[front] = take_above ? upper : lower;
    folded_order[front++] = order[near];
    above += take_above;
    below -= !take_above;

    const double top = distance(high - 1), bottom = distance(low);
    const bool take_top = !(top < bottom);
    const std::size_t far = take_top ? high - 1 : low;
    folded[--back] = take_top ? top : bottom;
    folded_order[back] = order[far];
    high -= take_top;
    low += !take_top;
  }
  // One side is exhausted, or one value is left.
  while (low < below && above < high) {
    const bool take_above = distance(above) < distance(below - 1);
    const std::size_t near = take_above ? above++ : --below;
    folded[front] = distance(near);
    folded_order[front++] = order[near];
  }
  while (low < below) folded[front] = distance(--below), folded_order[front++] = order[below];
  while (above < high) folded[front] = distance(above), folded_order[front++] = order[above++];
}

} // namespace

bool ConvergenceCheck::prepare(Chains x) {
  sorted_.clear();
  if (!valid(x)) return false;
  split(x, halves_);
  if (!scores_ || scores_->size() != halves_.values.size()) scores_.emplace(halves_.values.size());
  ascending_order(halves_.values, order_, sorted_);
  return true;
}

void ConvergenceCheck::rank() {
  z_.chains = halves_.chains;
  z_.draws = halves_.draws;
  scores_->of(sorted_, order_, z_.values);
}

/// Of the scores, which are finite, and all equal only when the values are.
double ConvergenceCheck::bulk_ess() {
  if (sorted_.front() == sorted_.back()) return static_cast<double>(z_.values.size());
  return effective_sample_size_of_sound(z_, buffer_);
}

/// See standard_error.cpp. The deviations from the mean are split as the draws are.
ConvergenceCheck::Errors ConvergenceCheck::standard_errors(Chains x) {
  if (sorted_.empty()) return {kNaN, kNaN};
  const double centre = mean(x.values), n = static_cast<double>(x.size());
  const bool constant = sorted_.back() - sorted_.front() < 1e-15, finite = std::isfinite(sorted_.front()) && std::isfinite(sorted_.back());
  const double ess = constant || !finite ? effective_sample_size(halves_, buffer_)
                                         : effective_sample_size_of_sound(halves_, buffer_);
  const auto [second, fourth] = central_moments(x.values, centre);
  z_.values.resize(halves_.values.size());
  std::transform(halves_.values.begin(), halves_.values.end(), z_.values.begin(),
                 [&](double v) { return (v - centre) * (v - centre); });
  const double ess_of_squares = effective_sample_size(z_, buffer_);
  return {std::sqrt(second * n / (n - 1) / ess),
          std::sqrt((fourth - second * second) / ess_of_squares / second / 4)};
}

double ConvergenceCheck::folded_r_hat() {
  const std::size_t middle = sorted_.size() / 2; // an even number of values
  merge_folded(sorted_, order_, (sorted_[middle - 1] + sorted_[middle]) / 2, folded_, folded_order_);
  scores_->of(folded_, folded_order_, z_.values);
  return potential_scale_reduction(z_);
}

double ConvergenceCheck::tail(Chains x, double lower, double upper) {
  // The quantiles are of all draws, the split leaves out the middle of an odd number.
  if (halves_.values.size() != x.size()) ascending_order(x.values, order_, sorted_);
  const auto quantile_ess = [&](double p) {
    return effective_sample_size_between(halves_, -std::numeric_limits<double>::infinity(),
                                         quantile_of_sorted(sorted_, p));
  };
  return std::min(quantile_ess(lower), quantile_ess(upper));
}

Convergence ConvergenceCheck::operator()(Chains x, double lower, double upper) {
  if (!prepare(x)) return {kNaN, kNaN, kNaN};
  rank();
  Convergence out{kNaN, bulk_ess(), kNaN};
  if (x.chains >= 2) {
    const double bulk = potential_scale_reduction(z_), folded = folded_r_hat();
    if (!std::isnan(bulk) && !std::isnan(folded)) out.r_hat = std::max(bulk, folded);
  }
  out.ess_tail = tail(x, lower, upper);
  return out;
}

double ConvergenceCheck::r_hat(Chains x) {
  if (x.chains < 2 || !prepare(x)) return kNaN;
  rank();
  const double bulk = potential_scale_reduction(z_), folded = folded_r_hat();
  return std::isnan(bulk) || std::isnan(folded) ? kNaN : std::max(bulk, folded);
}

double ConvergenceCheck::ess_bulk(Chains x) {
  if (!prepare(x)) return kNaN;
  rank();
  return bulk_ess();
}

double ConvergenceCheck::ess_tail(Chains x, double lower, double upper) {
  return prepare(x) ? tail(x, lower, upper) : kNaN;
}

double ConvergenceCheck::ess_mean(Chains x) {
  if (!valid(x)) return kNaN;
  split(x, halves_);
  return effective_sample_size(halves_, buffer_);
}

ConvergenceCheck& convergence_check() {
  static thread_local ConvergenceCheck check;
  return check;
}

} // namespace nuthatch::detail
