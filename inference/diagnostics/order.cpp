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

/// A radix sort in two passes by 22 bits of the position between the least and the largest value. Draws with a density
/// hardly ever share such a key; the few that do are next to each other then, and a pass of insertions that almost never
/// moves anything sorts them. False when many do, as with heavy tails.
bool by_position(std::span<const double> x, std::vector<std::uint32_t>& order, std::vector<double>& sorted) {
  const std::size_t n = x.size();
  const auto [low, high] = range(x);
  const double scale = static_cast<double>((1 << 2 * kBits) - 1) / (high - low);
  if (n < 64 || n > (std::size_t{1} << 30) || !(scale > 0) || !std::isfinite(scale)) return false;
  // Key and index in one word: key in the upper half.
  static thread_local std::vector<std::uint64_t> entries, buffer;
  entries.resize(n), buffer.resize(n);
  for (std::size_t i = 0; i < n; ++i)
    entries[i] = (static_cast<std::uint64_t>(static_cast<std::uint32_t>(static_cast<std::int32_t>((x[i] - low) * scale)))
                  << 32) |
                 i;
  std::array<std::uint32_t, kMask + 1> lower{}, upper{};
  for (std::size_t i = 0; i < n; ++i) {
    ++lower[(entries[i] >> 32) & kMask];
    ++upper[entries[i] >> (32 + kBits)];
  }
  std::uint32_t at_lower = 0, at_upper = 0;
  for (std::size_t k = 0; k <= kMask; ++k) {
    at_lower += std::exchange(lower[k], at_lower);
    at_upper += std::exchange(upper[k], at_upper);
  }
  for (std::size_t i = 0; i < n; ++i) buffer[lower[(entries[i] >> 32) & kMask]++] = entries[i];
  for (std::size_t i = 0; i < n; ++i) entries[upper[buffer[i] >> (32 + kBits)]++] = buffer[i];
  order.resize(n), sorted.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    order[i] = static_cast<std::uint32_t>(entries[i]);
    sorted[i] = x[order[i]];
  }
  std::size_t moves = 0;
  for (std::size_t i = 1; i < n; ++i) {
    if (sorted[i - 1] <= sorted[i]) continue;
    const double value = sorted[i];
    const std::uint32_t index = order[i];
    std::size_t at = i;
    for (; at > 0 && sorted[at - 1] > value; --at) sorted[at] = sorted[at - 1], order[at] = order[at - 1];
    sorted[at] = value, order[at] = index;
    if ((moves += i - at) > n) return false;
  }
  return true;
}

} // namespace

void ascending_order(std::span<const double> x, std::vector<std::uint32_t>& order, std::vector<double>& sorted) {
  if (by_position(x, order, sorted)) return;
  order = by_radix(x);
  sorted.resize(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) sorted[i] = x[order[i]];
}

std::vector<std::uint32_t> ascending_order(std::span<const double> x) {
  std::vector<std::uint32_t> order;
  std::vector<double> sorted;
  ascending_order(x, order, sorted);
  return order;
}

} // namespace nuthatch::detail
