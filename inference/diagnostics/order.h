#pragma once
/// Ascending order of doubles: the step that dominates rank-based diagnostics.
#include <cstdint>
#include <span>
#include <vector>

namespace nuthatch::detail {

/// Indices of x in ascending order of value, equal values in order of index. No NaN.
std::vector<std::uint32_t> ascending_order(std::span<const double> x);

/// The same, and the values in that order. The vectors are given, so that one set of them serves many quantities.
void ascending_order(std::span<const double> x, std::vector<std::uint32_t>& order, std::vector<double>& sorted);

} // namespace nuthatch::detail
