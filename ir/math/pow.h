// pow, log2, log10 and cbrt, by a logarithm in double-double arithmetic.
#pragma once

#include "ir/math/coefficients.h"
#include "ir/math/concept.h"
#include "ir/math/exp.h"
#include "ir/math/log.h"
#include "ir/math/polynomial.h"

namespace nuthatch::math {
namespace detail {

/// log(x) for positive finite x with a relative error of about 2^-65. As in
/// log.h, but s and the first two terms of 2 atanh(s) = 2s + s^3 (2/3 + ...)
/// are sums of two doubles.
template <class V> Double<V> log_accurate(const V &x) {
  const mask_t<V> tiny = x < 0x1p-1022;
  const auto e = split_exponent<V>(select(tiny, x * 0x1p54, x));
  const V k = raw_exponent<V>(e.raw) -
              select(tiny, lit(x, kExponentBias + 54), kExponentBias);
  const V f = e.m - 1.0;

  const auto d = fast_two_sum(lit(x, 2.0), f);
  const V inverse = 1.0 / d.hi;
  const V s = f * inverse;
  const V s_low = fma(-s, d.lo, fma(-s, d.hi, f)) * inverse;

  auto z = two_product(s, s);
  z.lo = fma(2.0 * s, s_low, z.lo);
  auto cube = two_product(z.hi, s);
  cube.lo = cube.lo + fma(z.hi, s_low, z.lo * s);
  const V rest = fma(z.hi, polynomial(z.hi, kLogAccurate), kTwoThirds[1]);
  const auto factor = fast_two_sum(lit(x, kTwoThirds[0]), rest);
  auto term = two_product(cube.hi, factor.hi);
  term.lo = term.lo + fma(cube.hi, factor.lo, cube.lo * factor.hi);

  const auto linear = fast_two_sum<V>(2.0 * s, term.hi);
  const auto exponent = two_product<V>(k, lit(x, kLn2[0]));
  const auto sum = two_sum(exponent.hi, linear.hi);
  const V low = ((linear.lo + sum.lo) + fma(2.0, s_low, term.lo)) +
                fma(k, kLn2[1], exponent.lo);
  return fast_two_sum(sum.hi, low);
}

} // namespace detail

/// x^y with the special cases of IEEE 754: x^0 = 1 and 1^y = 1 for every
/// operand, the sign of x for odd integers y, NaN for negative x otherwise.
template <class V> V pow(V x, V y) {
  using namespace detail;
  const V a = abs(x);
  const auto log = log_accurate(a);
  const V hi = y * log.hi;
  const V lo = fma(y, log.lo, fma(y, log.hi, -hi));
  const V size = exp_of_sum(hi, lo);

  // Where the base is 0 or infinite, or the exponent is infinite, only
  // comparisons matter: the result is 0, 1 or infinity.
  const mask_t<V> base_limit = (a == 0.0) | (a == kInf);
  const mask_t<V> grows = ((a > 1.0) & (y > 0.0)) | ((a < 1.0) & (y < 0.0));
  const V limit = select(grows, lit(x, kInf), 0.0);
  const V magnitude = select(base_limit | (abs(y) == kInf), limit, size);

  const V half = 0.5 * y;
  const mask_t<V> integer = rint(y) == y;
  const mask_t<V> odd = integer & (rint(half) != half);
  const V odd_signed = select(odd, copysign(magnitude, x), magnitude);
  const mask_t<V> invalid = (x < 0.0) & !integer & (a < kInf);
  const V valid = select(invalid, kNaN, odd_signed);
  const V with_nan = select((x != x) | (y != y), x + y, valid);
  // |x| = 1 with infinite y is 1 as well.
  const mask_t<V> one = (x == 1.0) | (y == 0.0) | ((a == 1.0) & (abs(y) == kInf));
  return select(one, lit(x, 1.0), with_nan);
}

namespace detail {
/// log(x) / log(base), given 1 / log(base) as a sum.
template <class V> V log_to_base(const V &x, const double (&inverse)[2]) {
  const auto y = log_accurate<V>(select((x > 0.0) & (x < kInf), x, 1.0));
  const V hi = y.hi * inverse[0];
  const V lo = fma(y.hi, inverse[0], -hi) + fma(y.hi, inverse[1], y.lo * inverse[0]);
  return log_limits<V>(x, x, hi + lo);
}
} // namespace detail

template <class V> V log2(V x) { return detail::log_to_base<V>(x, detail::kLog2E); }
template <class V> V log10(V x) { return detail::log_to_base<V>(x, detail::kLog10E); }

/// The real cube root: e^(log(x) / 3) and one step of Newton's method with an exact residual.
template <class V> V cbrt(V x) {
  using namespace detail;
  const V a = abs(x);
  const mask_t<V> tiny = a < 0x1p-900; // where the residual would be subnormal
  const V scaled = select(tiny, a * 0x1p210, a);
  const V safe = select((scaled > 0.0) & (scaled < kInf), scaled, 1.0);
  const auto logarithm = log_of(safe);
  const V y = exp_in_range<V>((logarithm.hi + logarithm.lo) * (1.0 / 3.0));
  const auto square = two_product(y, y);
  const V residual = fma(square.hi, y, -safe) + square.lo * y;
  const V root = y - residual / (3.0 * square.hi);
  const V result = select(tiny, root * 0x1p-70, root);
  return copysign(select((a > 0.0) & (a < kInf), result, a), x);
}

} // namespace nuthatch::math
