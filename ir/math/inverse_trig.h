// atan, atan2, asin and acos.
#pragma once

#include "ir/math/coefficients.h"
#include "ir/math/concept.h"
#include "ir/math/hyperbolic.h"
#include "ir/math/polynomial.h"
#include "ir/math/trig.h"

namespace nuthatch::math {
namespace detail {

inline constexpr double kTanEighthPi = 0.41421356237309503;
inline constexpr double kTanThreeEighthsPi = 2.414213562373095;

/// atan(y / x) in [0, pi/2] for finite y, x >= 0, not both 0, away from the
/// limits of the exponent range. With t = y/x, (y - x)/(y + x) or -x/y, and
/// atan = 0, pi/4 or pi/2 plus atan(t), |t| <= tan(pi/8).
template <class V> Double<V> atan_of_quotient(const V &y, const V &x) {
  const mask_t<V> small = y <= kTanEighthPi * x;
  const mask_t<V> large = y >= kTanThreeEighthsPi * x;
  const auto difference = two_sum<V>(y, -x);
  const auto sum = two_sum(y, x);
  const V zero = lit(x, 0.0);
  const Double<V> num = {select(small, y, select(large, -x, difference.hi)),
                         select(small | large, zero, difference.lo)};
  const Double<V> den = {select(small, x, select(large, y, sum.hi)),
                         select(small | large, zero, sum.lo)};
  const V inverse = 1.0 / den.hi;
  const V t = num.hi * inverse;
  const V t_low = (fma(-t, den.hi, num.hi) + fma(-t, den.lo, num.lo)) * inverse;
  const V z = t * t;
  const V tail = fma(t * z, polynomial(z, kAtan), t_low * (1.0 - z));
  // pi/2 and pi/4 have the same significand, and so do their low parts
  const V quarters = select(small, zero, select(large, 1.0, lit(x, 0.5)));
  const auto head = fast_two_sum<V>(quarters * kHalfPi[0], t);
  return fast_two_sum<V>(head.hi, head.lo + fma(quarters, kHalfPi[1], tail));
}

} // namespace detail

template <class V> V atan(V x) {
  using namespace detail;
  const V a = at_most(abs(x), 0x1p500);
  const auto y = atan_of_quotient(a, lit(x, 1.0));
  const V result = select(a < 0x1p-28, a, y.hi + y.lo);
  return copysign(result, x);
}

/// The angle of the point (x, y) in [-pi, pi].
template <class V> V atan2(V y, V x) {
  using namespace detail;
  // Only the direction matters: an infinite operand counts as 1 and makes a
  // finite one 0; others move away from the limits of the exponent range.
  const V zero = lit(x, 0.0), unit = lit(x, 1.0);
  const mask_t<V> x_infinite = abs(x) == kInf, y_infinite = abs(y) == kInf;
  const mask_t<V> infinite = x_infinite | y_infinite;
  const V ax = select(infinite, select(x_infinite, unit, zero), abs(x));
  const V ay = select(infinite, select(y_infinite, unit, zero), abs(y));
  const V larger = select(ax > ay, ax, ay);
  const V scale = select(larger > 0x1p500, lit(x, 0x1p-600),
                         select(larger < 0x1p-400, lit(x, 0x1p600), unit));
  const V sx = select(larger == 0.0, unit, ax * scale);
  const auto first = atan_of_quotient<V>(ay * scale, sx);
  const auto second = fast_two_sum<V>(lit(x, kPi[0]), -first.hi);
  const V obtuse = second.hi + (second.lo + (kPi[1] - first.lo));
  // A quotient this small is its own arc tangent, and may be subnormal.
  const V acute = where_rare((ay * scale < 0x1p-60 * sx) & (larger > 0.0),
                             first.hi + first.lo, [&] { return ay / ax; });
  const V angle = select(copysign(unit, x) < 0.0, obtuse, acute);
  return select((x != x) | (y != y), x + y, copysign(angle, y));
}

namespace detail {

/// asin(s) = s + low + tail: s = a and low = 0 for a <= 1/2, otherwise s + low = sqrt((1 - a) / 2).
template <class V> struct HalfArc {
  mask_t<V> near;
  V s, low, tail;
};
template <class V> HalfArc<V> half_arc(const V &a) {
  const mask_t<V> near = a <= 0.5;
  const V z = select(near, a * a, fma(a, -0.5, 0.5));
  const V root = sqrt(z);
  const V s = select(near, a, root);
  const V low = select(near | (z == 0.0), 0.0, fma(-root, root, z) / (root + root));
  return {near, s, low, s * z * polynomial(z, kAsin)};
}

} // namespace detail

/// asin(x) = x + x^3 p(x^2) for |x| <= 1/2, otherwise pi/2 - 2 asin(s) with
/// s = sqrt((1 - |x|) / 2).
template <class V> V asin(V x) {
  using namespace detail;
  const auto h = half_arc<V>(abs(x));
  const V head = fma(h.s, -2.0, kHalfPi[0]);
  const V head_low = fma(h.s, -2.0, kHalfPi[0] - head);
  const V far = head + fma(h.tail + h.low, -2.0, head_low + kHalfPi[1]);
  return copysign(select(h.near, h.s + h.tail, far), x);
}

template <class V> V acos(V x) {
  using namespace detail;
  const auto h = half_arc<V>(abs(x));
  // pi/2 - asin(x), 2 asin(s) or pi - 2 asin(s), as head + scale (s + low + tail)
  const V base = select(h.near, lit(x, kHalfPi[0]), select(x < 0.0, lit(x, kPi[0]), 0.0));
  const V base_low = select(h.near, lit(x, kHalfPi[1]), select(x < 0.0, lit(x, kPi[1]), 0.0));
  const V scale = select(h.near, copysign(lit(x, 1.0), -x), copysign(lit(x, 2.0), x));
  const V head = fma(h.s, scale, base);
  const V head_low = fma(h.s, scale, base - head);
  return head + fma(h.tail + h.low, scale, head_low + base_low);
}

} // namespace nuthatch::math
