/// Transformations that make R-hat and effective sample sizes robust: splitting shows a drift within a chain,
/// ranks make them exist for distributions without moments, folding shows a difference in scale.
#include "rank_normalise.h"

#include <algorithm>
#include <cmath>

#include "order.h"

namespace nuthatch::detail {

ChainMatrix split(Chains x) {
  ChainMatrix out;
  split(x, out);
  return out;
}

void split(Chains x, ChainMatrix& out) {
  const std::size_t half = x.draws / 2;
  out.chains = 2 * x.chains;
  out.draws = half;
  out.values.clear();
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
}

NormalScores::NormalScores(std::size_t size) : size_(size), untied_(size) {
  // Phi^-1 is odd around 1/2, and so are the ranks.
  for (std::size_t i = 0; i < size / 2; ++i) untied_[size - 1 - i] = -(untied_[i] = at(static_cast<double>(i + 1)));
}

double NormalScores::at(double rank) const {
  // Blom's offset 3/8 makes the result close to the expected normal order statistics.
  return normal_quantile((rank - 0.375) / (static_cast<double>(size_) + 0.25));
}

void NormalScores::of(std::span<const double> sorted, std::span<const std::uint32_t> order,
                      std::vector<double>& z) const {
  z.resize(size_);
  std::size_t ties = 0;
  for (std::size_t i = 1; i < size_; ++i) ties += sorted[i - 1] == sorted[i];
  if (ties == 0) {
    for (std::size_t i = 0; i < size_; ++i) z[order[i]] = untied_[i];
    return;
  }
  for (std::size_t first = 0; first < size_;) {
    std::size_t last = first;
    while (last + 1 < size_ && sorted[last + 1] == sorted[first]) ++last;
    // Equal values share their average rank.
    const double score = first == last ? untied_[first] : at(static_cast<double>(first + last) / 2 + 1);
    for (std::size_t i = first; i <= last; ++i) z[order[i]] = score;
    first = last + 1;
  }
}

ChainMatrix rank_normalise(Chains x) {
  std::vector<std::uint32_t> order;
  std::vector<double> sorted;
  ascending_order(x.values, order, sorted);
  ChainMatrix out{{}, x.chains, x.draws};
  NormalScores(x.size()).of(sorted, order, out.values);
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

} // namespace nuthatch::detail
