#pragma once
/// The enum attributes of the dialect for code that does not include MLIR; equal to ir/dialect/Nh.td by static_assert
/// in ir/dialect/dialect.cpp.
namespace nuthatch::detail {
enum class Unary : int { neg, abs, sign, floor, ceil, round, sqrt, rsqrt, exp, expm1, log, log1p, sin, cos, tan, tanh,
  logistic, softplus, erf, erfc, erf_inv, lgamma, digamma, trigamma, atan, asin, acos, sinh,
  cosh, asinh, acosh, atanh, exp2, log2, log10, cbrt, erfcx, ndtri, log_ndtr, bessel_i0e, bessel_i1e, popcount, is_finite, logical_not, stop_gradient };
enum class Binary : int { add, sub, mul, div, rem, max, min, pow, atan2, polygamma, owens_t, igamma, igammac,
  igamma_grad_a, igamma_grad_aa, igamma_grad_x, igamma_inv, igammac_inv, and_, or_, xor_, shl, shr };
enum class Ternary : int { betainc, betainc_grad_a, betainc_grad_b, betainc_grad_aa, betainc_grad_ab, betainc_grad_bb,
  betainc_grad_x, betainc_inv };
enum class Compare : int { eq, ne, lt, le, gt, ge };
enum class Reduce : int { sum, prod, max, min, all, any };
enum class Cumulative : int { sum, prod, max, min, logsumexp };
enum class Scatter : int { set, add, mul, min, max };
}  // namespace nuthatch::detail
