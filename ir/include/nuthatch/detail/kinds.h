#pragma once
/// The enum attributes of the dialect for code that does not include MLIR; equal to ir/dialect/Nh.td by static_assert
/// in ir/dialect/dialect.cpp.
namespace nuthatch::detail {
enum class Unary : int { neg, abs, sign, floor, ceil, round, sqrt, rsqrt, exp, expm1, log, log1p, sin, cos, tan, tanh,
  logistic, softplus, erf, erfc, erf_inv, lgamma, digamma, trigamma, atan, is_finite, logical_not, stop_gradient };
enum class Binary : int { add, sub, mul, div, rem, max, min, pow, atan2, and_, or_, xor_, shl, shr };
enum class Compare : int { eq, ne, lt, le, gt, ge };
enum class Reduce : int { sum, prod, max, min, all, any };
enum class Cumulative : int { sum, prod, max, min, logsumexp };
enum class Scatter : int { set, add, mul, min, max };
}  // namespace nuthatch::detail
