// sin, cos and tan.
//
// x = n pi/2 + r with pi/2 as a sum of three doubles (Cody and Waite). The fused
// first step is exact, so the reduction is accurate for |x| up to 2^45. Larger
// arguments, which are rare, are multiplied by 2/pi in 26 bits at a time (Payne
// and Hanek, SIGNUM Newsletter 18, 1983), each product being reduced modulo 4.
#pragma once

#include "ir/math/coefficients.h"
#include "ir/math/concept.h"
#include "ir/math/hyperbolic.h"
#include "ir/math/loop.h"
#include "ir/math/polynomial.h"

namespace nuthatch::math {

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
  const auto square = two_product(r, r);
  const V &z = square.hi;
  const V half = 0.5 * z;
  const V c = 1.0 - half;
  const V sin_low = fma(z * r, polynomial(z, kSin), low * c);
  const V cos_rest = fma(-0.5, square.lo, -(r * low));
  const V cos_low = ((1.0 - c) - half) + fma(z * z, polynomial(z, kCos), cos_rest);
  return {{r, sin_low}, {c, cos_low}, quadrant};
}

/// x = n pi/2 + r + low, with n in the lowest bits of `shifted`.
template <class V> struct TrigArgument {
  V r, low, shifted;
};

/// For |x| > 2^45: the fraction of x 2/pi modulo 4, times pi/2. The sum is kept in three doubles, since x may come as close
/// to a multiple of pi/2 as 2^-62.
template <class V> TrigArgument<V> reduce_large(const V &x) {
  const V scaled = x * 0x1p-300; // the table holds 2^300 2/pi
  const V high = from_bits(bits(scaled) & std::int64_t(0xfffffffff8000000)); // 26 bits
  const V rest = scaled - high;
  const auto add = [](std::array<V, 3> &sum, const V &product) {
    const V turns = trunc(product * 0.25);
    const auto first = two_sum<V>(sum[0], fma(turns, -4.0, product));
    const auto second = two_sum<V>(sum[1], first.lo);
    sum = {first.hi, second.hi, sum[2] + second.lo};
  };
  const V zero = lit(x, 0.0);
  const auto sum = over_rows(kTwoOverPiBits, std::array<V, 3>{zero, zero, zero}, [&](std::array<V, 3> s, const auto &row) {
    add(s, high * row[0]);
    add(s, rest * row[0]);
    return s;
  });
  const V n = rint(sum[0]);
  const auto fraction = two_sum<V>(sum[0] - n, sum[1]);
  const V low = fraction.lo + sum[2];
  const V r = fraction.hi * kHalfPi[0];
  const V r_low = fma(fraction.hi, kHalfPi[0], -r) + fma(fraction.hi, kHalfPi[1], low * kHalfPi[0]);
  return {r, r_low, n + kRound};
}

template <class V> TrigArgument<V> reduce_trig(const V &x) {
  const V shifted = fma(x, kTwoOverPi[0], kRound);
  const V n = shifted - kRound;
  const V exact = fma(n, -kHalfPi[0], x);
  const V w = n * kHalfPi[1];
  const V w_low = fma(n, kHalfPi[1], -w);
  const V r = exact - w;
  const V low = fma(n, -kHalfPi[2], ((exact - r) - w) - w_low);
  // A loop of one turn is a branch with several results.
  const auto a = repeat_while<3>(abs(x) > 0x1p45, std::array<V, 3>{r, low, shifted}, 1, [&](const std::array<V, 3> &) {
    const auto large = reduce_large(x);
    return Turn<V, 3>{{large.r, large.low, large.shifted}, x != x};
  });
  return {a[0], a[1], a[2]};
}

template <class V> SinCos<V> sincos(const V &x) {
  const auto a = reduce_trig(x);
  return sincos_reduced<V>(a.r, a.low, bits(a.shifted));
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
