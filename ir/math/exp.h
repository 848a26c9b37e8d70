// exp and expm1.
//
// x = n ln 2 + r with |r| <= ln(2)/2, e^x = 2^n e^r, and e^r = 1 + r + r^2 h(r)
// with a polynomial h. The leading 1 + r is never absorbed into the
// polynomial: that keeps the error below one ulp at no cost.
#pragma once

#include "ir/math/coefficients.h"
#include "ir/math/concept.h"
#include "ir/math/polynomial.h"

namespace nuthatch::math {
namespace detail {

/// x = n ln 2 + r: r is rounded, exact - n kLn2[1] is the same number before
/// rounding. The low bits of bits(shifted) hold n + Bias: with the exponent's
/// bias, shifting them left by 52 makes 2^n.
template <class V> struct ExpArgument {
  V n, exact, r, shifted;
};

template <int Bias, class V> ExpArgument<V> reduce_exp(const V &x) {
  const V shifted = fma(x, kLog2E[0], kRound + Bias);
  const V n = shifted - (kRound + Bias);
  const V exact = fma(n, -kLn2[0], x); // no rounding error
  return {n, exact, fma(n, -kLn2[1], exact), shifted};
}

/// e^r - 1 - exact: what is left once the exact part of the argument is taken
/// out, so its rounding errors are small against e^r - 1.
template <class V> V exp_tail(const ExpArgument<V> &a) {
  return fma(a.n, -kLn2[1], polynomial(a.r, kExp) * (a.r * a.r));
}

/// The same with r^2 / 2 taken out exactly, for expm1, where the sum with 1 may
/// cancel.
template <class V> V exp_tail_accurate(const ExpArgument<V> &a) {
  const auto square = two_product(a.r, a.r);
  const V rest = fma(square.hi * a.r, polynomial(a.r, kExpm1),
                     fma(a.n, -kLn2[1], 0.5 * square.lo));
  return fma(square.hi, 0.5, rest);
}

template <class V> V power_of_two(const V &shifted) {
  return from_bits(bits(shifted) << 52);
}

/// 2^n as a product of two powers of two, for results that may overflow or be
/// subnormal: multiplying by one after the other rounds once.
template <class V> Double<V> split_power_of_two(const ExpArgument<V> &a) {
  const V half = fma(a.n, 0.5, kRound + 1023);
  return {from_bits(bits(half) << 52),
          from_bits((bits(a.shifted) - bits(half)) << 52)};
}
inline constexpr int kSplitBias = 2046;

/// e^hi e^lo for |lo| <= ulp(hi). The limits only have to be beyond the point
/// where the result overflows or vanishes; there lo does not matter and may be
/// NaN.
template <class V> V exp_of_sum(const V &hi, const V &lo) {
  const V x = at_least(at_most(hi, 710.0), -746.0);
  const V small = select(abs(hi) < 747.0, lo, 0.0);
  const auto a = reduce_exp<kSplitBias>(x);
  const V tail = exp_tail_accurate(a);
  const auto head = fast_two_sum(lit(hi, 1.0), a.exact);
  const V rest = (head.lo + tail) + fma(small, a.exact + tail, small);
  const auto scale = split_power_of_two(a);
  return ((head.hi + rest) * scale.hi) * scale.lo;
}

/// e^x for x in [-746, 0] as (hi + lo) 2^n, with 2^n = scale.hi * scale.lo.
template <class V> struct ScaledExp {
  V hi, lo;
  Double<V> scale;
};

template <class V> ScaledExp<V> exp_nonpositive(const V &x) {
  const auto a = reduce_exp<kSplitBias>(at_least(x, -746.0));
  const V p = a.exact + exp_tail(a);
  const auto y = fast_two_sum(lit(x, 1.0), p);
  return {y.hi, y.lo, split_power_of_two(a)};
}

/// e^x - 1 for x in [-100, 0] as hi + lo.
template <class V> Double<V> expm1_of(const V &x) {
  const auto a = reduce_exp<1023>(x);
  const V tail = exp_tail_accurate(a);
  const V s = power_of_two(a.shifted);
  const V s_minus_1 = s - 1.0;
  const V s_lost = s - (s_minus_1 + 1.0); // once s < 2^-53
  const V hi = fma(s, a.exact, s_minus_1);
  const V lo = fma(s, a.exact, s_minus_1 - hi);
  return fast_two_sum(hi, fma(s, tail, lo + s_lost));
}

/// e^x for x in [-746, 710].
template <class V> V exp_in_range(const V &x) {
  const auto a = reduce_exp<kSplitBias>(x);
  const V p = a.exact + exp_tail(a);
  const auto scale = split_power_of_two(a);
  return fma(scale.hi, p, scale.hi) * scale.lo;
}

} // namespace detail

template <class V> V exp(V x) {
  return detail::exp_in_range(at_least(at_most(x, 710.0), -746.0));
}

/// 2^x = 2^n e^(f ln 2) with n = rint(x), f exact.
template <class V> V exp2(V x) {
  using namespace detail;
  const V bounded = at_least(at_most(x, 1025.0), -1100.0);
  const V shifted = bounded + (kRound + kSplitBias);
  const V n = shifted - (kRound + kSplitBias);
  const V f = bounded - n;
  const V exact = f * kLn2[0];
  const V low = fma(f, kLn2[1], fma(f, kLn2[0], -exact));
  const V r = exact + low;
  const V p = exact + fma(r * r, polynomial(r, kExp), low);
  const auto scale = split_power_of_two<V>({n, exact, r, shifted});
  return fma(scale.hi, p, scale.hi) * scale.lo;
}

template <class V> V expm1(V x) {
  using namespace detail;
  // 2^(n-1) stays finite where the result does; doubling comes last.
  const auto a = reduce_exp<1022>(at_least(at_most(x, 709.9), -50.0));
  const V tail = exp_tail_accurate(a);
  const V s = power_of_two(a.shifted);
  const V rest = s - 0.5;
  const V lost = (s - rest) - 0.5; // once s > 2^52
  const V hi = fma(s, a.exact, rest);
  const V lo = fma(s, a.exact, rest - hi);
  const V result = 2.0 * (hi + fma(s, tail, lo + lost));
  // Below 2^-54 x is the answer; it also keeps the sign of zero.
  return select(abs(x) < 0x1p-54, x, result);
}

} // namespace nuthatch::math
