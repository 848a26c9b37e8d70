// tanh and the logistic function: quotients whose denominator is rounded. The
// rounding errors of numerator and denominator are carried into one correction
// of the quotient, so one division is enough for less than an ulp.
#pragma once

#include "ir/math/concept.h"
#include "ir/math/exp.h"
#include "ir/math/polynomial.h"

namespace nuthatch::math {
namespace detail {

/// (a.hi + a.lo) / (b.hi + b.lo), correct to about half an ulp.
template <class V> V quotient(const Double<V> &a, const Double<V> &b) {
  const V inverse = 1.0 / b.hi;
  const V q = a.hi * inverse;
  const V remainder = fma(-q, b.hi, a.hi) + fma(-q, b.lo, a.lo);
  return fma(remainder, inverse, q);
}

} // namespace detail

template <class V> V tanh(V x) {
  using namespace detail;
  // tanh |x| = -t / (2 + t), t = e^(-2|x|) - 1; it is 1 from 19.1 on.
  const V twice = at_least(-2.0 * abs(x), -44.0);
  const auto t = expm1_of(twice);
  const auto d = fast_two_sum(lit(x, 2.0), t.hi);
  const V y = quotient<V>({-t.hi, -t.lo}, {d.hi, d.lo + t.lo});
  return copysign(y, x);
}

/// 1 / (1 + e^-x), and e^x / (1 + e^x) for negative x, where the result keeps
/// its relative accuracy down to the subnormal numbers.
template <class V> V logistic(V x) {
  using namespace detail;
  const mask_t<V> positive = x >= 0.0;
  const auto e = exp_nonpositive(-abs(x));
  const V scale = e.scale.hi * e.scale.lo;
  const auto d = fast_two_sum(lit(x, 1.0), e.hi * scale);
  const V y = quotient<V>({select(positive, 1.0, e.hi), select(positive, 0.0, e.lo)},
                          {d.hi, fma(e.lo, scale, d.lo)});
  return select(positive, y, (y * e.scale.hi) * e.scale.lo);
}

} // namespace nuthatch::math
