#include "order.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>

#include "chains.h"

namespace nuthatch::detail {
namespace {

constexpr int kBits = 11, kPasses = 3;
constexpr std::uint32_t kMask = (1u << kBits) - 1;

/// The upper half of an unsigned integer in the order of the doubles: negative ones have all bits flipped, others the
/// sign bit. -0 equals +0.
std::uint32_t sortable(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x == 0 ? 0.0 : x);
  return static_cast<std::uint32_t>((bits >> 63 ? ~bits : bits | (std::uint64_t{1} << 63)) >> 32);
}

} // namespace

namespace {

/// A radix sort by the sign, the exponent and 20 bits of the mantissa, after a shift towards zero so that these bits
/// tell draws apart (subtraction rounds, but never changes an order). The few that they do not tell apart are next to
/// each other then and are sorted by comparison.
std::vector<std::uint32_t> by_radix(std::span<const double> x) {
  struct Entry {
    std::uint32_t key, index;
  };
  const std::size_t n = x.size();
  if (n == 0) return {};
  double centre = x[0] / 2 + x[n / 2] / 2;
  if (!std::isfinite(centre)) centre = 0;
  std::vector<Entry> entries(n), buffer(n);
  std::array<std::array<std::uint32_t, kMask + 1>, kPasses> counts{};
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint32_t key = sortable(x[i] - centre);
    entries[i] = {key, static_cast<std::uint32_t>(i)};
    for (std::size_t pass = 0; pass < kPasses; ++pass) ++counts[pass][(key >> (pass * kBits)) & kMask];
  }
  for (std::size_t pass = 0; pass < kPasses; ++pass) {
    auto& count = counts[pass];
    std::uint32_t start = 0;
    for (auto& c : count) start += std::exchange(c, start);
    for (const Entry& e : entries) buffer[count[(e.key >> (pass * kBits)) & kMask]++] = e;
    entries.swap(buffer);
  }
  std::vector<std::uint32_t> order(n);
  for (std::size_t first = 0; first < n;) {
    std::size_t last = first;
    bool sorted = true;
    for (order[first] = entries[first].index; last + 1 < n && entries[last + 1].key == entries[first].key; ++last) {
      order[last + 1] = entries[last + 1].index;
      sorted = sorted && x[order[last]] <= x[order[last + 1]];
    }
    if (!sorted)
      std::sort(order.begin() + static_cast<std::ptrdiff_t>(first),
                order.begin() + static_cast<std::ptrdiff_t>(last) + 1,
                [&](std::uint32_t a, std::uint32_t b) { return x[a] < x[b] || (x[a] == x[b] && a < b); });
    first = last + 1;
  }
  return order;
}

/// Two buckets per value between the least and the largest, then a pass of insertions. Draws with a density fill the
/// buckets evenly; false when they do not, as those with heavy tails.
bool by_buckets(std::span<const double> x, std::vector<std::uint32_t>& order, std::vector<double>& sorted) {
  constexpr std::size_t kMostPerBucket = 8; // on average, weighted by size
  struct Entry {
    double value;
    std::uint32_t index;
  };
  const std::size_t n = x.size();
  const auto [low, high] = range(x);
  const std::size_t buckets = 2 * n;
  const double scale = static_cast<double>(buckets) / (high - low);
  if (n < 64 || n > (std::size_t{1} << 30) || !(scale > 0) || !std::isfinite(scale)) return false;
  std::vector<std::int32_t> bucket(n);
  for (std::size_t i = 0; i < n; ++i) bucket[i] = static_cast<std::int32_t>((x[i] - low) * scale);
  std::vector<std::uint32_t> starts(buckets + 2, 0);
  for (std::size_t i = 0; i < n; ++i) ++starts[static_cast<std::size_t>(bucket[i]) + 1];
  std::size_t work = 0;
  for (std::size_t b = 1; b < buckets + 2; ++b) {
    work += static_cast<std::size_t>(starts[b]) * starts[b];
    starts[b] += starts[b - 1];
  }
  if (work > kMostPerBucket * n) return false;
  std::vector<Entry> entries(n);
  for (std::size_t i = 0; i < n; ++i)
    entries[starts[static_cast<std::size_t>(bucket[i])]++] = {x[i], static_cast<std::uint32_t>(i)};
  for (std::size_t i = 1; i < n; ++i) {
    const Entry entry = entries[i];
    std::size_t at = i;
    for (; at > 0 && entries[at - 1].value > entry.value; --at) entries[at] = entries[at - 1];
    if (at != i) entries[at] = entry;
  }
  order.resize(n);
  sorted.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    order[i] = entries[i].index;
    sorted[i] = entries[i].value;
  }
  return true;
}

} // namespace

std::vector<std::uint32_t> ascending_order(std::span<const double> x, std::vector<double>& sorted) {
  std::vector<std::uint32_t> order;
  if (by_buckets(x, order, sorted)) return order;
  order = by_radix(x);
  sorted.resize(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) sorted[i] = x[order[i]];
  return order;
}

std::vector<std::uint32_t> ascending_order(std::span<const double> x) {
  std::vector<double> sorted;
  return ascending_order(x, sorted);
}

} // namespace nuthatch::detail
