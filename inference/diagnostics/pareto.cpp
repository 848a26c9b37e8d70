#include "pareto.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace nuthatch::detail {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::size_t kShortestTail = 5;

/// mean(log1p(-b x)): the negative of the shape that fits best for a given ratio b of shape and scale.
double mean_log1p(std::span<const double> x, double b) {
  double sum = 0;
  for (double v : x) sum += std::log1p(-b * v);
  return sum / static_cast<double>(x.size());
}

/// Indices of the `length` largest values in ascending order of value, the next smaller value before them.
std::vector<std::size_t> largest(std::span<const double> x, std::size_t length, double& below) {
  std::vector<std::size_t> order(x.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto less = [&](std::size_t a, std::size_t b) { return x[a] < x[b]; };
  const auto cut = order.begin() + static_cast<std::ptrdiff_t>(x.size() - length - 1);
  std::nth_element(order.begin(), cut, order.end(), less);
  below = x[*cut];
  std::vector<std::size_t> tail(cut + 1, order.end());
  std::sort(tail.begin(), tail.end(), less);
  return tail;
}

void normalise(std::span<double> log_weights) {
  const double total = log_sum_exp(log_weights);
  for (double& v : log_weights) v -= total;
}

/// log ratios are at most 0 here, and the tail is in ascending order.
double smooth_tail(std::span<double> log_ratios, std::span<const std::size_t> tail, double log_cutoff) {
  const double cutoff = std::exp(log_cutoff);
  std::vector<double> excess(tail.size());
  for (std::size_t i = 0; i < tail.size(); ++i) excess[i] = std::exp(log_ratios[tail[i]]) - cutoff;
  const GeneralisedPareto fit = fit_generalised_pareto(excess);
  if (!std::isfinite(fit.k)) return fit.k;
  const double most = log_ratios[tail.back()], m = static_cast<double>(tail.size());
  for (std::size_t i = 0; i < tail.size(); ++i)
    log_ratios[tail[i]] = std::min(std::log(cutoff + fit.quantile((static_cast<double>(i) + 0.5) / m)), most);
  return fit.k;
}

double smooth_current(std::span<double> log_ratios, std::size_t length) {
  if (length < kShortestTail || length >= log_ratios.size()) return kInfinity;
  double cutoff = 0;
  const auto tail = largest(log_ratios, length, cutoff);
  if (log_ratios[tail.back()] - log_ratios[tail.front()] < std::numeric_limits<double>::min()) return kInfinity;
  return smooth_tail(log_ratios, tail, cutoff);
}

double smooth_legacy(std::span<double> log_ratios, double r_eff) {
  const double n = static_cast<double>(log_ratios.size());
  const auto length = static_cast<std::size_t>(std::ceil(std::min(n / 5, 3 * std::sqrt(n / r_eff))));
  if (length + 1 > log_ratios.size()) return kInfinity;
  double cutoff = 0;
  auto tail = largest(log_ratios, length, cutoff);
  // No ratio so small that its exponential is denormal can be a threshold.
  cutoff = std::max(cutoff, std::log(std::numeric_limits<double>::min()));
  std::erase_if(tail, [&](std::size_t i) { return log_ratios[i] <= cutoff; });
  return tail.size() < kShortestTail ? kInfinity : smooth_tail(log_ratios, tail, cutoff);
}

double tail_shape(std::vector<double> x, std::size_t length) {
  double cutoff = 0;
  const auto tail = largest(x, length, cutoff);
  std::vector<double> excess;
  for (std::size_t i : tail) excess.push_back(x[i] - cutoff);
  return excess.back() - excess.front() < std::numeric_limits<double>::min() ? kNaN : fit_generalised_pareto(excess).k;
}

} // namespace

double log_sum_exp(std::span<const double> x) {
  if (x.empty()) return -kInfinity;
  const double most = *std::max_element(x.begin(), x.end());
  if (!std::isfinite(most)) return most;
  double sum = 0;
  for (double v : x) sum += std::exp(v - most);
  return most + std::log(sum);
}

double GeneralisedPareto::quantile(double probability) const {
  const double log_survival = std::log1p(-probability);
  return k == 0 ? -sigma * log_survival : sigma * std::expm1(-k * log_survival) / k;
}

GeneralisedPareto fit_generalised_pareto(std::span<const double> x) {
  constexpr double kPriorScale = 3, kPriorDraws = 10, kPriorShape = 0.5;
  const std::size_t count = x.size();
  const double n = static_cast<double>(count);
  const auto points = 30 + static_cast<std::size_t>(std::sqrt(n));
  const double m = static_cast<double>(points);
  const double quartile = x[static_cast<std::size_t>(n / 4 + 0.5) - 1];
  if (!(quartile > x.front())) return {kNaN, kNaN};

  // Profile likelihood of b = -k / sigma on a grid of prior quantiles.
  std::vector<double> b(points), log_likelihood(points);
  for (std::size_t i = 0; i < points; ++i) {
    b[i] = (1 - std::sqrt(m / (static_cast<double>(i) + 0.5))) / (kPriorScale * quartile) + 1 / x.back();
    const double k = mean_log1p(x, b[i]);
    log_likelihood[i] = n * (std::log(-b[i] / k) - k - 1);
  }
  const double total = log_sum_exp(log_likelihood);
  double weights = 0, posterior_b = 0;
  for (std::size_t i = 0; i < points; ++i) {
    const double w = std::exp(log_likelihood[i] - total);
    if (w < 10 * std::numeric_limits<double>::epsilon()) continue;
    weights += w;
    posterior_b += w * b[i];
  }
  posterior_b /= weights;
  const double k = mean_log1p(x, posterior_b);
  const double shape = (n * k + kPriorDraws * kPriorShape) / (n + kPriorDraws);
  return std::isnan(shape) ? GeneralisedPareto{kInfinity, kNaN} : GeneralisedPareto{shape, -k / posterior_b};
}

std::size_t pareto_tail_length(std::size_t draws, double r_eff) {
  const double n = static_cast<double>(draws);
  return static_cast<std::size_t>(n * r_eff > 225 ? std::floor(3 * std::sqrt(n / r_eff)) : std::floor(n / 5));
}

namespace {

/// Shifts the largest log ratio to 0, smooths, normalises.
template <class Smooth> double smoothed(std::span<double> log_ratios, Smooth smooth) {
  if (log_ratios.empty()) return kNaN;
  const auto [low, high] = std::minmax_element(log_ratios.begin(), log_ratios.end());
  const bool flat = *low == *high;
  const double most = *high;
  for (double& v : log_ratios) v -= most;
  const double k = flat ? 0 : smooth(log_ratios);
  normalise(log_ratios);
  return k;
}

} // namespace

double smooth_importance_weights(std::span<double> log_ratios, double r_eff, TailRule rule) {
  return smoothed(log_ratios, [&](std::span<double> x) {
    return rule == TailRule::legacy ? smooth_legacy(x, r_eff) : smooth_current(x, pareto_tail_length(x.size(), r_eff));
  });
}

double smooth_largest_weights(std::span<double> log_ratios, std::size_t length) {
  return smoothed(log_ratios, [&](std::span<double> x) { return smooth_current(x, length); });
}

double pareto_k(Chains x, Tail tail, std::optional<double> r_eff) {
  if (x.chains < 1 || x.draws < 4 || has_nan(x.values)) return kNaN;
  const double efficiency = r_eff ? *r_eff : ess_tail(x) / static_cast<double>(x.size());
  std::size_t length = pareto_tail_length(x.size(), efficiency);
  if (tail == Tail::both) length = std::max(std::min(length, x.size() / 2), kShortestTail);
  if (length < kShortestTail || length >= x.size()) return kNaN;
  std::vector<double> right(x.values.begin(), x.values.end()), left = right;
  for (double& v : left) v = -v;
  if (tail == Tail::right) return tail_shape(std::move(right), length);
  if (tail == Tail::left) return tail_shape(std::move(left), length);
  const double a = tail_shape(std::move(left), length), b = tail_shape(std::move(right), length);
  return std::isnan(a) || std::isnan(b) ? kNaN : std::max(a, b);
}

double pareto_min_sample_size(Chains x, std::optional<double> r_eff) {
  const double k = pareto_k(x, Tail::both, r_eff);
  if (std::isnan(k)) return kNaN;
  return k < 0.99 ? std::pow(10, 1 / (1 - std::max(0.0, k))) : kInfinity;
}

} // namespace nuthatch::detail
