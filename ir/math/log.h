// log, log1p and softplus.
//
// x = 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)); with s = f / (2 + f),
// log(1 + f) = 2 atanh(s) = f - s (f - s^2 p(s^2)). The term f is exact, so
// the errors of the quotient are scaled down by s.
#pragma once

#include "ir/math/coefficients.h"
#include "ir/math/concept.h"
#include "ir/math/exp.h"
#include "ir/math/polynomial.h"

namespace nuthatch::math {
namespace detail {

inline constexpr std::int64_t kSignificand = 0x000fffffffffffff;
inline constexpr std::int64_t kSqrtHalfBits = 0x3fe6a09e667f3bcd;
inline constexpr std::int64_t kOneBits = 0x3ff0000000000000;

/// x = 2^k m with m in [sqrt(1/2), sqrt(2)), for normal positive x. `raw` has
/// k + 1023 from bit 52 up.
template <class V> struct Exponent {
  int_t<V> raw;
  V m;
};
template <class V> Exponent<V> split_exponent(const V &x) {
  const int_t<V> raw = bits(x) + (kOneBits - kSqrtHalfBits);
  return {raw, from_bits((raw & kSignificand) + kSqrtHalfBits)};
}
/// The integer from bit 52 up, plus 2^52.
template <class V> V raw_exponent(const int_t<V> &raw) {
  return from_bits(shr(raw, 52) | std::int64_t{0x4330000000000000});
}
inline constexpr double kExponentBias = 4503599627370496.0 + 1023.0;

/// k ln 2 + log(1 + f) + correction as a sum, to about 2^-58.
template <class V> Double<V> log_sum(const V &k, const V &f, const V &correction) {
  const V s = f / (2.0 + f);
  const V z = s * s;
  const V g = fma(-z, polynomial(z, kLog), f);
  const V low = fma(s, g, fma(k, -kLn2[1], -correction));
  const V hi = fma(k, kLn2[0], f);
  const V f_rounding = f - fma(k, -kLn2[0], hi);
  return {hi, f_rounding - low};
}

/// The rows of the results at and beyond the ends of the domain [0, inf].
template <class V> V log_limits(const V &x, const V &at, const V &result) {
  const V finite = select(x < kInf, result, x);
  return select(at > 0.0, finite, select(at == 0.0, lit(x, -kInf), kNaN));
}

/// log(hi + lo) for positive normal hi and |lo| <= ulp(hi).
template <class V> Double<V> log_of_sum(const V &hi, const V &lo) {
  const auto e = split_exponent(hi);
  // 2^(1-k), which stays in range for every k.
  const V scale = from_bits(std::int64_t{0x7ff0000000000000} -
                            (e.raw & std::int64_t{0x7ff0000000000000}));
  const auto f = fast_two_sum(e.m - 1.0, (0.5 * lo) * scale);
  const V k = raw_exponent<V>(e.raw) - kExponentBias;
  // f.lo / (1 + f) to three digits; 1 / (1 + f) is within 1 - f + f^2 - ...
  const V inverse = fma(f.hi, fma(f.hi, fma(f.hi, -0.7, 1.0), -1.0), 1.0);
  return log_sum(k, f.hi, f.lo * inverse);
}

/// log(x) for positive finite x, subnormal numbers included.
template <class V> Double<V> log_of(const V &x) {
  const mask_t<V> tiny = x < 0x1p-1022;
  const V y = select(tiny, x * 0x1p54, x);
  const auto e = split_exponent(y);
  const V k = raw_exponent<V>(e.raw) -
              select(tiny, lit(x, kExponentBias + 54), kExponentBias);
  return log_sum(k, e.m - 1.0, lit(x, 0.0));
}

} // namespace detail

template <class V> V log(V x) {
  const auto y = detail::log_of(x);
  return detail::log_limits<V>(x, x, y.hi + y.lo);
}

template <class V> V log1p(V x) {
  using namespace detail;
  const auto u = two_sum(lit(x, 1.0), x);
  const auto y = log_of_sum(u.hi, u.lo);
  const V bounded = log_limits<V>(x, u.hi, y.hi + y.lo);
  return select(abs(x) < 0x1p-54, x, bounded);
}

/// log(1 + e^x) = max(x, 0) + log1p(e^-|x|).
template <class V> V softplus(V x) {
  using namespace detail;
  const V f = exp_in_range(at_least(-abs(x), -746.0));
  const V s = f / (2.0 + f);
  const V z = s * s;
  const V g = fma(-z, polynomial(z, kLogUpToTwo), f);
  return select(x > 0.0, x, lit(x, 0.0)) + fma(-s, g, f);
}

} // namespace nuthatch::math
