#include <algorithm>
#include <cmath>
#include <limits>

#include "chains.h"

namespace nuthatch::detail {

double mean(std::span<const double> x) {
  double sum = 0;
  for (double v : x) sum += v;
  return sum / static_cast<double>(x.size());
}

double variance(std::span<const double> x, int ddof) {
  const double centre = mean(x);
  double sum = 0;
  for (double v : x) sum += (v - centre) * (v - centre);
  return sum / (static_cast<double>(x.size()) - ddof);
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
  return std::any_of(x.begin(), x.end(), [](double v) { return std::isnan(v); });
}

bool is_constant(std::span<const double> x) {
  const auto [low, high] = std::minmax_element(x.begin(), x.end());
  return x.empty() || *high - *low < 1e-15;
}

} // namespace nuthatch::detail
