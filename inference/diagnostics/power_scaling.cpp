#include "power_scaling.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "pareto.h"

namespace nuthatch::detail {
namespace {

double plog2(double p, double x) { return x > 0 ? p * std::log2(x) : 0; }

/// Of values in ascending order: integrals over x of the two entropies relative to the mean of both distribution
/// functions. Nguyen and Vreeken (2015), "Non-parametric Jensen-Shannon divergence".
double one_sided(std::span<const double> x, std::span<const double> weights) {
  const double n = static_cast<double>(x.size()), total = std::accumulate(weights.begin(), weights.end(), 0.0);
  double p_area = 0, q_area = 0, pq = 0, qp = 0, cumulative = 0;
  for (std::size_t i = 0; i + 1 < x.size(); ++i) {
    cumulative += weights[i] / total;
    // Equally spaced from 1/n to 1 - 1/n.
    const double p = x.size() > 2 ? 1 / n + static_cast<double>(i) * (1 - 2 / n) / (n - 2) : 1 / n;
    const double q = cumulative, width = x[i + 1] - x[i], middle = (p + q) / 2;
    p_area += p * width;
    q_area += q * width;
    pq += width * (plog2(p, p) - plog2(p, middle));
    qp += width * (plog2(q, q) - plog2(q, middle));
  }
  const double shift = (q_area - p_area) / 2 / std::log(2.0);
  const double sum = std::max(0.0, pq + shift) + std::max(0.0, qp - shift);
  return p_area + q_area > 0 ? std::sqrt(sum / (p_area + q_area)) : 0;
}

} // namespace

std::vector<double> power_scaling_weights(std::span<const double> log_density, double alpha) {
  std::vector<double> out(log_density.begin(), log_density.end());
  for (double& v : out) v *= alpha - 1;
  const double r_eff = ess_tail({log_density, 1, log_density.size()}) / static_cast<double>(log_density.size());
  const std::size_t length = std::min(pareto_tail_length(out.size(), r_eff), out.size() / 2);
  smooth_largest_weights(out, std::max<std::size_t>(length, 5));
  for (double& v : out) v = std::exp(v);
  return out;
}

double cumulative_jensen_shannon(std::span<const double> x, std::span<const double> weights) {
  std::vector<std::size_t> order(x.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return x[a] < x[b]; });
  std::vector<double> sorted, w;
  for (std::size_t i : order) sorted.push_back(x[i]), w.push_back(weights[i]);
  const double forward = one_sided(sorted, w);
  std::reverse(sorted.begin(), sorted.end());
  std::reverse(w.begin(), w.end());
  for (double& v : sorted) v = -v;
  return std::max(forward, one_sided(sorted, w));
}

double power_scaling_sensitivity(std::span<const double> x, std::span<const double> lower_weights,
                                 std::span<const double> upper_weights, double lower, double upper) {
  const double below = -cumulative_jensen_shannon(x, lower_weights) / std::log2(lower);
  const double above = cumulative_jensen_shannon(x, upper_weights) / std::log2(upper);
  return (below + above) / 2;
}

} // namespace nuthatch::detail
