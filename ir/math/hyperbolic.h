// tanh, sinh, cosh and the logistic function: quotients whose denominator is
// rounded. The rounding errors of numerator and denominator are carried into one
// correction of the quotient, so one division is enough for less than an ulp.
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

namespace detail {

/// e^a / 2 + rest for a in [1, 711], where e^a may overflow; |rest| is below e^-a.
template <class V> V half_exp_plus(const V &a, const V &rest) {
  const auto e = reduce_exp<kSplitBias>(at_most(a, 711.0));
  const auto head = fast_two_sum<V>(lit(a, 1.0), e.exact);
  const auto scale = split_power_of_two(e);
  const V half = 0.5 * scale.hi;
  const V low = head.lo + (exp_tail(e) + rest / half / scale.lo);
  return ((head.hi + low) * half) * scale.lo;
}

/// The numerator n(m) of sinh or cosh over 2 (1 + m), m = e^-a - 1.
template <class V> V over_twice_exp(const Double<V> &numerator, const Double<V> &m) {
  const auto d = fast_two_sum<V>(lit(m.hi, 1.0), m.hi);
  return quotient<V>(numerator, {2.0 * d.hi, 2.0 * (d.lo + m.lo)});
}
inline constexpr double kHyperbolicFar = 1.5;

} // namespace detail

/// -m (2 + m) / (2 (1 + m)) with m = e^-|x| - 1.
template <class V> V sinh(V x) {
  using namespace detail;
  const V a = abs(x);
  const auto m = expm1_of<V>(at_least(-a, -2.0));
  const auto s = fast_two_sum<V>(lit(x, 2.0), m.hi);
  const auto product = two_product<V>(-m.hi, s.hi);
  const V low = product.lo - fma(m.lo, s.hi, m.hi * (s.lo + m.lo));
  const V near = over_twice_exp<V>({product.hi, low}, m);
  const V y = select(a < kHyperbolicFar, near, half_exp_plus<V>(a, -0.5 * exp(-a)));
  return select(x == 0.0, x, copysign(y, x));
}

/// (1 + (1 + m)^2) / (2 (1 + m)) with m = e^-|x| - 1.
template <class V> V cosh(V x) {
  using namespace detail;
  const V a = abs(x);
  const auto m = expm1_of<V>(at_least(-a, -2.0));
  const auto d = fast_two_sum<V>(lit(x, 1.0), m.hi);
  const auto square = two_product(d.hi, d.hi);
  const auto n = fast_two_sum<V>(lit(x, 1.0), square.hi);
  const V low = n.lo + fma(2.0 * d.hi, d.lo + m.lo, square.lo);
  const V near = over_twice_exp<V>({n.hi, low}, m);
  const V y = select(a < kHyperbolicFar, near, half_exp_plus<V>(a, 0.5 * exp(-a)));
  return select(x != x, x, y);
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
