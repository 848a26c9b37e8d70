// asinh, acosh and atanh: logarithms of 1 + something, both as sums of two doubles.
#pragma once

#include "ir/math/concept.h"
#include "ir/math/hyperbolic.h"
#include "ir/math/log.h"
#include "ir/math/polynomial.h"

namespace nuthatch::math {
namespace detail {

/// The square root of a positive sum.
template <class V> Double<V> sqrt_of_sum(const Double<V> &x) {
  const V root = sqrt(x.hi);
  return {root, (fma(-root, root, x.hi) + x.lo) / (2.0 * root)};
}

/// log(2 x) for large x.
template <class V> V log_of_twice(const V &x) {
  const auto y = log_of(x);
  const auto sum = fast_two_sum<V>(y.hi, lit(x, kLn2[0]));
  return sum.hi + (sum.lo + (y.lo + kLn2[1]));
}

/// log(a + r) for a + r >= 1.
template <class V> V log_of_pair(const V &a, const Double<V> &r) {
  const auto sum = two_sum<V>(r.hi, a);
  const auto y = log_of_sum<V>(sum.hi, sum.lo + r.lo);
  return y.hi + y.lo;
}

} // namespace detail

/// log(x + sqrt(x^2 + 1)).
template <class V> V asinh(V x) {
  using namespace detail;
  const V a = abs(x);
  const V near_a = at_most(a, 0x1p28);
  const auto square = two_product(near_a, near_a);
  const auto sum = two_sum<V>(lit(x, 1.0), square.hi);
  const V near = log_of_pair<V>(near_a, sqrt_of_sum<V>({sum.hi, sum.lo + square.lo}));
  const V far = where_rare(a > 0x1p28, near, [&] { return log_of_twice(a); });
  const V y = select(a < 0x1p-28, a, select(a < kInf, far, a));
  return copysign(y, x);
}

/// log(x + sqrt(x^2 - 1)) for x >= 1.
template <class V> V acosh(V x) {
  using namespace detail;
  const V near_x = at_most(x, 0x1p28);
  const auto square = two_product(near_x, near_x);
  const auto sum = two_sum<V>(square.hi, lit(x, -1.0));
  const V rest = sum.hi + (sum.lo + square.lo);
  const auto root = sqrt_of_sum<V>({select(rest > 0.0, sum.hi, 1.0), sum.lo + square.lo});
  const V near = select(rest > 0.0, log_of_pair<V>(near_x, root), 0.0);
  const V y = where_rare(x > 0x1p28, near, [&] { return log_of_twice(x); });
  return select(x >= 1.0, select(x < kInf, y, x), kNaN);
}

/// log(1 + 2 x / (1 - x)) / 2.
template <class V> V atanh(V x) {
  using namespace detail;
  const V a = abs(x);
  const V safe = select(a < 1.0, a, 0.5);
  const auto d = fast_two_sum<V>(lit(x, 1.0), -safe);
  const V twice = 2.0 * safe;
  const V inverse = 1.0 / d.hi;
  const V q = twice * inverse;
  const V q_low = (fma(-q, d.hi, twice) - q * d.lo) * inverse;
  const auto sum = two_sum<V>(lit(x, 1.0), q);
  const auto y = log_of_sum<V>(sum.hi, sum.lo + q_low);
  const V inside = select(a < 0x1p-28, a, 0.5 * (y.hi + y.lo));
  return copysign(select(a < 1.0, inside, select(a == 1.0, lit(x, kInf), kNaN)), x);
}

} // namespace nuthatch::math
