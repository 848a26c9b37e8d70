// sin, cos and tan.
//
// x = n pi/2 + r with pi/2 as a sum of three doubles (Cody and Waite). The fused
// first step is exact, so the reduction is accurate for |x| up to 2^45 and
// degrades gently to kTrigLimit = 2^50; beyond it neighbouring doubles are
// further apart than a quarter of a radian, and the result is NaN.
#pragma once

#include "ir/math/coefficients.h"
#include "ir/math/concept.h"
#include "ir/math/hyperbolic.h"
#include "ir/math/polynomial.h"

namespace nuthatch::math {

inline constexpr double kTrigLimit = 0x1p50;

namespace detail {

inline constexpr std::int64_t kSignBit = std::numeric_limits<std::int64_t>::min();

/// sin and cos of the reduced argument as sums, and the quadrant in the two
/// lowest bits.
template <class V> struct SinCos {
  Double<V> sin, cos;
  int_t<V> quadrant;
};

/// sin(r + low), cos(r + low) for |r| <= pi/4.
template <class V>
SinCos<V> sincos_reduced(const V &r, const V &low, const int_t<V> &quadrant) {
  const V z = r * r;
  const V half = 0.5 * z;
  const V c = 1.0 - half;
  const V sin_low = fma(z * r, polynomial(z, kSin), low * c);
  const V cos_low =
      ((1.0 - c) - half) + fma(z * z, polynomial(z, kCos), -(r * low));
  return {{r, sin_low}, {c, cos_low}, quadrant};
}

template <class V> SinCos<V> sincos(const V &any) {
  const V x = select(abs(any) <= kTrigLimit, any, kNaN);
  const V shifted = fma(x, kTwoOverPi[0], kRound);
  const V n = shifted - kRound;
  const V exact = fma(n, -kHalfPi[0], x);
  const V w = n * kHalfPi[1];
  const V w_low = fma(n, kHalfPi[1], -w);
  const V r = exact - w;
  const V low = fma(n, -kHalfPi[2], ((exact - r) - w) - w_low);
  return sincos_reduced<V>(r, low, bits(shifted));
}

/// The sine of the angle whose quadrant is `quadrant`.
template <class V>
V sine_in_quadrant(const SinCos<V> &a, const int_t<V> &quadrant) {
  const mask_t<V> even = (quadrant & std::int64_t{1}) == std::int64_t{0};
  const V y = select(even, a.sin.hi, a.cos.hi) + select(even, a.sin.lo, a.cos.lo);
  return from_bits(bits(y) ^ ((quadrant << 62) & kSignBit));
}

} // namespace detail

template <class V> V sin(V x) {
  const auto a = detail::sincos(x);
  const V y = detail::sine_in_quadrant<V>(a, a.quadrant);
  return select(x == 0.0, x, y);
}

template <class V> V cos(V x) {
  const auto a = detail::sincos(x);
  return detail::sine_in_quadrant<V>(a, a.quadrant + std::int64_t{1});
}

template <class V> V tan(V x) {
  using namespace detail;
  const auto a = sincos(x);
  const auto s = fast_two_sum(a.sin.hi, a.sin.lo);
  const auto c = fast_two_sum(a.cos.hi, a.cos.lo);
  const mask_t<V> even = (a.quadrant & std::int64_t{1}) == std::int64_t{0};
  // tan(r + pi/2) = -cos r / sin r
  const V y = quotient<V>({select(even, s.hi, -c.hi), select(even, s.lo, -c.lo)},
                          {select(even, c.hi, s.hi), select(even, c.lo, s.lo)});
  return select(x == 0.0, x, y);
}

} // namespace nuthatch::math
