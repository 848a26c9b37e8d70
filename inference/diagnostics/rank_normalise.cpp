/// Transformations that make R-hat and effective sample sizes robust: splitting shows a drift within a chain,
/// ranks make them exist for distributions without moments, folding shows a difference in scale.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "chains.h"

namespace nuthatch::detail {

ChainMatrix split(Chains x) {
  const std::size_t half = x.draws / 2;
  ChainMatrix out{{}, 2 * x.chains, half};
  out.values.reserve(out.chains * half);
  // All first halves, then all last halves. The order has no influence on any statistic but rounding.
  for (std::size_t c = 0; c < x.chains; ++c) {
    const auto first = x.chain(c).first(half);
    out.values.insert(out.values.end(), first.begin(), first.end());
  }
  for (std::size_t c = 0; c < x.chains; ++c) {
    const auto last = x.chain(c).last(half);
    out.values.insert(out.values.end(), last.begin(), last.end());
  }
  return out;
}

ChainMatrix rank_normalise(Chains x) {
  const std::size_t n = x.size();
  ChainMatrix out{std::vector<double>(n), x.chains, x.draws};
  std::vector<std::pair<double, std::size_t>> order(n);
  for (std::size_t i = 0; i < n; ++i) order[i] = {x.values[i], i};
  std::sort(order.begin(), order.end());
  for (std::size_t first = 0; first < n;) {
    std::size_t last = first;
    while (last + 1 < n && order[last + 1].first == order[first].first) ++last;
    const double rank = static_cast<double>(first + last) / 2 + 1;
    // Blom's offset 3/8 makes the result close to the expected normal order statistics.
    const double z = normal_quantile((rank - 0.375) / (static_cast<double>(n) + 0.25));
    for (std::size_t i = first; i <= last; ++i) out.values[order[i].second] = z;
    first = last + 1;
  }
  return out;
}

ChainMatrix fold(Chains x) {
  const double centre = median(x.values);
  ChainMatrix out{std::vector<double>(x.size()), x.chains, x.draws};
  std::transform(x.values.begin(), x.values.end(), out.values.begin(), [&](double v) { return std::abs(v - centre); });
  return out;
}

ChainMatrix indicator(Chains x, double low, double high) {
  ChainMatrix out{std::vector<double>(x.size()), x.chains, x.draws};
  std::transform(x.values.begin(), x.values.end(), out.values.begin(),
                 [&](double v) { return low <= v && v <= high ? 1.0 : 0.0; });
  return out;
}

}  // namespace nuthatch::detail
