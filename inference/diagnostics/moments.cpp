#include <algorithm>
#include <cmath>
#include <limits>

#include "chains.h"

namespace nuthatch::detail {

namespace {

/// Sum of f(x) in eight interleaved partial sums, which the processor adds side by side.
template <class F> double sum_of(std::span<const double> x, F f) {
  constexpr std::size_t kParts = 8;
  double parts[kParts] = {};
  std::size_t i = 0;
  for (; i + kParts <= x.size(); i += kParts)
    for (std::size_t k = 0; k < kParts; ++k) parts[k] += f(x[i + k]);
  for (; i < x.size(); ++i) parts[0] += f(x[i]);
  return ((parts[0] + parts[1]) + (parts[2] + parts[3])) + ((parts[4] + parts[5]) + (parts[6] + parts[7]));
}

} // namespace

double mean(std::span<const double> x) {
  return sum_of(x, [](double v) { return v; }) / static_cast<double>(x.size());
}

double variance(std::span<const double> x, int ddof) {
  const double centre = mean(x);
  return sum_of(x, [&](double v) { return (v - centre) * (v - centre); }) / (static_cast<double>(x.size()) - ddof);
}

std::pair<double, double> central_moments(std::span<const double> x, double centre) {
  const double n = static_cast<double>(x.size());
  const auto square = [&](double v) { return (v - centre) * (v - centre); };
  return {sum_of(x, square) / n, sum_of(x, [&](double v) { return square(v) * square(v); }) / n};
}

double quantile_of_sorted(std::span<const double> sorted, double probability) {
  if (sorted.empty()) return std::numeric_limits<double>::quiet_NaN();
  const double position = probability * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(std::floor(position));
  if (below + 1 >= sorted.size()) return sorted.back();
  const double fraction = position - static_cast<double>(below);
  if (fraction == 0) return sorted[below]; // also keeps infinities out of the difference
  return sorted[below] + fraction * (sorted[below + 1] - sorted[below]);
}

double quantile(std::span<const double> x, double probability) {
  std::vector<double> sorted(x.begin(), x.end());
  std::sort(sorted.begin(), sorted.end());
  return quantile_of_sorted(sorted, probability);
}

double median(std::span<const double> x) {
  std::vector<double> values(x.begin(), x.end());
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*std::max_element(values.begin(), middle) + *middle) / 2;
}

bool has_nan(std::span<const double> x) {
  std::size_t count = 0; // without an early exit, so that the loop runs in vectors
  for (double v : x) count += v != v;
  return count > 0;
}

std::pair<double, double> range(std::span<const double> x) {
  constexpr std::size_t kParts = 8;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  double low[kParts], high[kParts];
  std::fill_n(low, kParts, kInfinity);
  std::fill_n(high, kParts, -kInfinity);
  std::size_t i = 0;
  for (; i + kParts <= x.size(); i += kParts)
    for (std::size_t k = 0; k < kParts; ++k) {
      low[k] = x[i + k] < low[k] ? x[i + k] : low[k];
      high[k] = x[i + k] > high[k] ? x[i + k] : high[k];
    }
  for (; i < x.size(); ++i) {
    low[0] = std::min(low[0], x[i]);
    high[0] = std::max(high[0], x[i]);
  }
  return {*std::min_element(low, low + kParts), *std::max_element(high, high + kParts)};
}

bool is_constant(std::span<const double> x) {
  const auto [low, high] = range(x);
  return x.empty() || high - low < 1e-15;
}

} // namespace nuthatch::detail
