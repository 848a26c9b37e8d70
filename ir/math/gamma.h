// lgamma, digamma and trigamma.
//
// Large arguments: Stirling's series, as a polynomial in 1/x^2. Small ones: a
// polynomial on an interval of length one and the recurrence. Negative ones:
// the reflection formula, which few arguments need.
#pragma once

#include "ir/math/coefficients.h"
#include "ir/math/concept.h"
#include "ir/math/log.h"
#include "ir/math/polynomial.h"

namespace nuthatch::math {
namespace detail {

/// lgamma for x > -1/2, x != 0.
template <class V> V lgamma_right(const V &x) {
  const mask_t<V> large = x >= 4.5;

  // x = j + v, and v is exact: lgamma(x) = lgamma(2 + v) +- log(product of the
  // factors in between). Above 1.25 the product would cancel the polynomial.
  const V j = select((x >= 1.25) & (x <= 2.0), lit(x, 2.0), rint(x));
  const V v = x - j;
  const V x1 = x - 1.0;
  const V above = select(j == 3.0, x1, x1 * (x - 2.0));
  const V below = select(j == 1.0, x, abs(fma(x, x, x)));
  const V factors = select(j < 1.5, below, select(j == 2.0, lit(x, 1.0), above));
  const auto unordered = log_of(select(large, x, factors));
  const auto log = fast_two_sum(unordered.hi, unordered.lo);
  const V sign = select(j < 1.5, lit(x, -1.0), 1.0);
  const V small =
      fma(v, horner(v, kLgammaNear), sign * log.hi) + sign * log.lo;

  // (x - 1/2) (log x - 1) + (log(2 pi) - 1) / 2 + series / x
  const auto slope = fast_two_sum<V>(log.hi, lit(x, -1.0));
  const V h = x - 0.5;
  const V main = h * slope.hi;
  const V main_low = fma(h, slope.hi, -main) + h * (slope.lo + log.lo);
  const V inverse = 1.0 / x;
  const V series =
      fma(inverse, polynomial(inverse * inverse, kLgammaSeries), kStirling[0]);
  const V stirling = main + (main_low + series);
  const V far = select(abs(main) < kInf, stirling, main); // inf - inf inside
  return select(large, far, small);
}

/// r = a - rint(a) for a >= 0, and sin(pi r).
template <class V> struct SinPi {
  V r, sin;
};
template <class V> SinPi<V> sin_pi(const V &a) {
  const V r = a - rint(a);
  return {r, r * horner(r * r, kSinPi)};
}

/// The series of digamma for x >= 4 without its logarithm.
template <class V> V digamma_series(const V &inverse) {
  const V z = inverse * inverse;
  return fma(z, polynomial(z, kDigammaSeries), 0.5 * inverse);
}

/// digamma for x > 0.
template <class V> V digamma_right(const V &x) {
  const mask_t<V> near = x < 3.0;
  const mask_t<V> below = x < 1.0;
  const mask_t<V> shift = x < 4.0;

  // The term of the recurrence, -1/x or 1/(x - 1), and 1/shifted, by one
  // division: where both are needed, 1/x and 1/(x + 1) come from 1/(x (x + 1)).
  const mask_t<V> middle = near & (x > 2.0);
  const V shifted = select(shift, x + 1.0, x);
  const V step = select(below, x, select(middle, x - 1.0, 1.0));
  const V q = 1.0 / select(near, step, select(shift, x * shifted, shifted));
  const V inverse = select(shift, q * x, q);
  const V term =
      select(below, -q, select(near, select(middle, q, 0.0),
                               select(shift, -(q * shifted), 0.0)));

  const V y = select(below, x + 1.0, select(middle, x - 1.0, x));
  const V u = select(below, x - 0.5, y - 1.5);
  const V distance = (y - kDigammaRoot[0]) - kDigammaRoot[1];
  const V small = distance * horner(u, kDigammaNear);

  const auto log = log_of(shifted);
  const V series = digamma_series(inverse);
  const V large_part = select(near, small, log.hi);
  const V low_part = select(near, lit(x, 0.0), log.lo - series);
  const auto sum = two_sum<V>(large_part, term);
  const V result = sum.hi + (sum.lo + low_part);
  return select(x < 0x1p-1000, term, result); // 1/x may overflow
}

/// trigamma for x > 0.
template <class V> V trigamma_right(const V &x) {
  const mask_t<V> shift = x < 4.0;
  const V far = select(shift, x + 4.0, x);
  // With u = x (x + 3) and w = u + 2 = (x + 1)(x + 2), the sum of 1 / (x + i)^2
  // for i < 4 is ((2u + 9) w^2 + (2u + 5) u^2) / (u w)^2.
  const V u = fma(x, x, 3.0 * x);
  const V w = u + 2.0;
  const V product = select(shift, u * w, 1.0);
  const V inverse = 1.0 / (far * product);
  const V estimate = far * inverse;
  const V q = fma(estimate, fma(-product, estimate, 1.0), estimate);
  const V numerator = fma(fma(u, 2.0, 9.0), w * w, fma(u, 2.0, 5.0) * (u * u));
  const V sum = select(shift, (numerator * q) * q, 0.0);
  const V i = product * inverse;
  const V z = i * i;
  const V series = fma(z, 0.5, (i * z) * polynomial(z, kTrigammaSeries));
  const V result = sum + (i + series);
  return select(x < 0x1p-515, kInf, result); // 1/x^2 overflows
}

} // namespace detail

/// log |Gamma(x)|; +inf at 0 and the negative integers. Accurate relative to
/// the result for x > 0, relative to 1 near the zeros between negative integers.
template <class V> V lgamma(V x) {
  using namespace detail;
  const V a = abs(x);
  const mask_t<V> left = x <= -0.5;
  const V right = lgamma_right<V>(select(left, a, x));
  const V y = where_rare(left, right, [&] {
    // Gamma(-a) Gamma(a) = -pi / (a sin(pi a))
    const auto s = sin_pi(a);
    const auto log = log_of<V>(a * abs(s.sin));
    return ((kLogPi[0] - log.hi) - right) + (kLogPi[1] - log.lo);
  });
  const mask_t<V> infinite = (x == 0.0) | (a == kInf) | (left & (rint(a) == a));
  return select(infinite, lit(x, kInf), y);
}

template <class V> V digamma(V x) {
  using namespace detail;
  const mask_t<V> left = x <= 0.0;
  const V right = digamma_right<V>(select(left, 1.0 - x, x));
  const V y = where_rare(left, right, [&] {
    // digamma(1 - x) - digamma(x) = pi cot(pi x)
    const auto s = sin_pi<V>(-x);
    const V cosine = horner<V>(s.r * s.r, kCosPi);
    return right + kPi[0] * cosine / s.sin;
  });
  const mask_t<V> pole = left & (rint(x) == x);
  const V at_pole = select(x == 0.0, copysign(lit(x, kInf), -x), kNaN);
  const V finite = select(pole, at_pole, y);
  return select(x == kInf, x, finite);
}

/// The derivative of digamma; +inf at 0 and the negative integers.
template <class V> V trigamma(V x) {
  using namespace detail;
  const mask_t<V> left = x <= 0.0;
  const V right = trigamma_right<V>(select(left, 1.0 - x, x));
  return where_rare(left, right, [&] {
    // trigamma(1 - x) + trigamma(x) = (pi / sin(pi x))^2
    const V q = kPi[0] / sin_pi<V>(-x).sin;
    return q * q - right;
  });
}

} // namespace nuthatch::math
