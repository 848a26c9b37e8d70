#pragma once
namespace nuthatch::detail {
/// Sums of squares of a row, or the sum of a simplex, hold up to rounding.
inline constexpr double kTolerance = 1e-6;
}  // namespace nuthatch::detail
