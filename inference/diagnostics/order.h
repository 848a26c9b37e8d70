#pragma once
/// Ascending order of doubles: the step that dominates rank-based diagnostics.
#include <cstdint>
#include <span>
#include <vector>

namespace nuthatch::detail {

/// Indices of x in ascending order of value, equal values in order of index. No NaN.
std::vector<std::uint32_t> ascending_order(std::span<const double> x);

/// The same, and the values in that order.
std::vector<std::uint32_t> ascending_order(std::span<const double> x, std::vector<double>& sorted);

} // namespace nuthatch::detail
