#include "density.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "chains.h"

namespace nuthatch::detail {
namespace {

using std::numbers::pi;

/// Counts in equal bins; every bin holds its lower edge, the last one both.
std::vector<double> histogram(std::span<const double> x, std::span<const double> edges) {
  const std::size_t bins = edges.size() - 1;
  const double scale = static_cast<double>(bins) / (edges.back() - edges.front());
  std::vector<double> counts(bins, 0.0);
  for (double v : x) {
    auto bin = std::min(static_cast<std::size_t>((v - edges.front()) * scale), bins - 1);
    if (bin > 0 && v < edges[bin]) --bin; // rounding of the product
    if (bin + 1 < bins && v >= edges[bin + 1]) ++bin;
    ++counts[bin];
  }
  return counts;
}

double silverman_bandwidth(std::span<const double> x) {
  std::vector<double> sorted(x.begin(), x.end());
  std::sort(sorted.begin(), sorted.end());
  const double range = quantile_of_sorted(sorted, 0.75) - quantile_of_sorted(sorted, 0.25);
  const double spread = std::min(std::sqrt(variance(x, 0)), range / 1.34);
  return 0.9 * spread * std::pow(static_cast<double>(x.size()), -0.2);
}

/// Squares of the coefficients 2 sum_n f_n cos(pi k (2n + 1) / (2N)) of the discrete cosine transform, k = 1 ... N-2.
std::vector<double> squared_cosine_coefficients(std::span<const double> f) {
  const std::size_t n = f.size();
  std::vector<double> cosines(4 * n);
  for (std::size_t i = 0; i < 4 * n; ++i)
    cosines[i] = std::cos(pi * static_cast<double>(i) / (2 * static_cast<double>(n)));
  std::vector<double> out;
  for (std::size_t k = 1; k + 1 < n; ++k) {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) sum += f[i] * cosines[k * (2 * i + 1) % (4 * n)];
    out.push_back(4 * sum * sum);
  }
  return out;
}

/// t - xi gamma^[7](t), equation 30 of Botev et al.: its root is the squared bandwidth relative to the range.
double fixed_point(double t, double n, std::span<const double> squares) {
  const auto norm = [&](int s, double time) {
    double sum = 0;
    for (std::size_t i = 0; i < squares.size(); ++i) {
      const double k2 = static_cast<double>((i + 1) * (i + 1));
      sum += std::pow(k2, s) * squares[i] * std::exp(-k2 * pi * pi * time);
    }
    return 0.5 * std::pow(pi, 2.0 * s) * sum;
  };
  double f = norm(7, t);
  for (int s = 6; s >= 2; --s) {
    double odd = 1;
    for (int j = 1; j < 2 * s; j += 2) odd *= j;
    const double constant = (1 + std::pow(0.5, s + 0.5)) / 3 * odd / std::sqrt(pi / 2);
    f = norm(s, std::pow(constant / (n * f), 2 / (3 + 2.0 * s)));
  }
  return t - std::pow(2 * n * std::sqrt(pi) * f, -0.4);
}

/// Improved Sheather-Jones; Silverman's where the equation has no root.
double sheather_jones_bandwidth(std::span<const double> x, std::span<const double> counts, double range,
                                double otherwise) {
  const double n = static_cast<double>(x.size());
  std::vector<double> frequencies(counts.begin(), counts.end());
  for (double& f : frequencies) f /= n;
  const auto squares = squared_cosine_coefficients(frequencies);
  double low = 0, high = 0.01;
  const double at_low = fixed_point(low, n, squares), at_high = fixed_point(high, n, squares);
  if (!(at_low * at_high < 0)) return otherwise;
  while (high - low > 1e-15 * high) {
    const double middle = (low + high) / 2;
    if (middle == low || middle == high) break;
    (fixed_point(middle, n, squares) * at_low > 0 ? low : high) = middle;
  }
  return std::sqrt((low + high) / 2) * range;
}

/// Convolution with a Gaussian of standard deviation `sd` bins, the ends reflected over a fifth of the bins.
std::vector<double> smooth(std::span<const double> f, double sd) {
  const auto n = static_cast<std::ptrdiff_t>(f.size()), pad = n / 5;
  const auto half = static_cast<std::ptrdiff_t>(std::ceil(4 * sd));
  std::vector<double> kernel;
  for (std::ptrdiff_t k = 0; k <= half; ++k) kernel.push_back(std::exp(-0.5 * static_cast<double>(k * k) / (sd * sd)));
  std::vector<double> out(f.size(), 0.0);
  for (std::ptrdiff_t i = 0; i < n; ++i)
    for (std::ptrdiff_t j = std::max(i - half, -pad); j <= std::min(i + half, n + pad - 1); ++j) {
      const std::ptrdiff_t inside = j < 0 ? -j - 1 : j >= n ? 2 * n - 1 - j : j;
      out[static_cast<std::size_t>(i)] +=
          kernel[static_cast<std::size_t>(std::abs(i - j))] * f[static_cast<std::size_t>(inside)];
    }
  return out;
}

} // namespace

Density kernel_density(std::span<const double> x, std::size_t bins) {
  const auto [low, high] = std::minmax_element(x.begin(), x.end());
  const double first = *low, last = *high, step = (last - first) / static_cast<double>(bins);
  std::vector<double> edges(bins + 1);
  for (std::size_t i = 0; i <= bins; ++i) edges[i] = first + static_cast<double>(i) * step;
  edges.back() = last;
  const auto counts = histogram(x, edges);

  Density out;
  const double silverman = silverman_bandwidth(x);
  out.bandwidth = (silverman + sheather_jones_bandwidth(x, counts, last - first, silverman)) / 2;
  // Draws with equal quartiles have no spread by Silverman's rule; half a bin shows their atoms.
  out.bandwidth = std::max(out.bandwidth, step / 2);
  out.values = smooth(counts, out.bandwidth / step);
  const double total = std::accumulate(out.values.begin(), out.values.end(), 0.0) * (edges[1] - edges[0]);
  for (double& v : out.values) v /= total;
  for (std::size_t i = 0; i < bins; ++i) out.grid.push_back((edges[i] + edges[i + 1]) / 2);
  return out;
}

std::vector<std::pair<double, double>> highest_density_set(std::span<const double> points,
                                                           std::span<const double> probabilities, double dx,
                                                           double probability, std::size_t most) {
  std::vector<std::size_t> order(points.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return probabilities[a] > probabilities[b] || (probabilities[a] == probabilities[b] && a > b);
  });
  std::size_t count = 0;
  for (double held = 0; count < order.size() && held < probability; ++count) held += probabilities[order[count]];
  order.resize(count);
  std::sort(order.begin(), order.end());

  struct Mode {
    double low, high, probability;
  };
  std::vector<Mode> modes;
  for (std::size_t i : order) {
    if (modes.empty() || points[i] - modes.back().high > 1.01 * dx) modes.push_back({points[i], points[i], 0});
    modes.back().high = points[i];
    modes.back().probability += probabilities[i];
  }
  if (modes.size() > most) {
    std::sort(modes.begin(), modes.end(), [](const Mode& a, const Mode& b) { return a.probability > b.probability; });
    modes.resize(most);
    std::sort(modes.begin(), modes.end(), [](const Mode& a, const Mode& b) { return a.low < b.low; });
  }
  std::vector<std::pair<double, double>> out;
  for (const Mode& m : modes) out.emplace_back(m.low, m.high);
  return out;
}

std::vector<std::pair<double, double>> multimodal_hdi(std::span<const double> x, double probability, bool discrete,
                                                      std::size_t most) {
  if (x.empty() || std::any_of(x.begin(), x.end(), [](double v) { return !std::isfinite(v); })) return {};
  if (!discrete && !is_constant(x)) {
    Density density = kernel_density(x);
    const double dx = (density.grid.back() - density.grid.front()) / static_cast<double>(density.grid.size() - 1);
    for (double& v : density.values) v *= dx;
    return highest_density_set(density.grid, density.values, dx, probability, most);
  }
  std::vector<double> sorted(x.begin(), x.end()), values, shares;
  std::sort(sorted.begin(), sorted.end());
  for (double v : sorted) {
    if (values.empty() || values.back() != v) values.push_back(v), shares.push_back(0);
    shares.back() += 1 / static_cast<double>(x.size());
  }
  return highest_density_set(values, shares, 1, probability, most);
}

} // namespace nuthatch::detail
