// Polynomials with constant coefficients, and sums and products that keep
// their rounding error.
#pragma once

#include "ir/math/concept.h"

namespace nuthatch::math::detail {

template <std::size_t Begin, std::size_t Count, class V, std::size_t N>
V estrin(const double (&c)[N], const V &x, const V &x2, const V &x4,
         const V &x8, const V &x16) {
  static_assert(Count >= 1 && Count <= 32);
  if constexpr (Count == 1) {
    return lit(x, c[Begin]);
  } else if constexpr (Count == 2) {
    return fma(x, c[Begin + 1], c[Begin]);
  } else {
    constexpr std::size_t half = Count > 16  ? 16
                                 : Count > 8 ? 8
                                 : Count > 4 ? 4
                                             : 2;
    const V low = estrin<Begin, half>(c, x, x2, x4, x8, x16);
    const V &power = half == 16 ? x16 : half == 8 ? x8 : half == 4 ? x4 : x2;
    if constexpr (Count - half == 1)
      return fma(power, c[Begin + half], low);
    else
      return fma(power, estrin<Begin + half, Count - half>(c, x, x2, x4, x8, x16),
                 low);
  }
}

/// c[0] + c[1] x + ... by Estrin's scheme: the depth is logarithmic, which is
/// what a loop over few elements is bound by.
template <class V, std::size_t N> V polynomial(const V &x, const double (&c)[N]) {
  const V x2 = N > 2 ? x * x : x;
  const V x4 = N > 4 ? x2 * x2 : x2;
  const V x8 = N > 8 ? x4 * x4 : x4;
  const V x16 = N > 16 ? x8 * x8 : x8;
  return estrin<0, N>(c, x, x2, x4, x8, x16);
}

/// The same by Horner's rule: fewest operations and least rounding error.
template <class V, std::size_t N> V horner(const V &x, const double (&c)[N]) {
  static_assert(N >= 2);
  V sum = fma(x, c[N - 1], c[N - 2]);
  for (std::size_t i = N - 2; i-- > 0;)
    sum = fma(x, sum, c[i]);
  return sum;
}

/// An unevaluated sum hi + lo.
template <class V> struct Double {
  V hi, lo;
};

/// hi + lo == a + b exactly (Knuth).
template <class V> Double<V> two_sum(const V &a, const V &b) {
  const V sum = a + b;
  const V b_part = sum - a;
  return {sum, (a - (sum - b_part)) + (b - b_part)};
}

/// The same when |a| >= |b| or a == 0 (Dekker).
template <class V> Double<V> fast_two_sum(const V &a, const V &b) {
  const V sum = a + b;
  return {sum, (a - sum) + b};
}

/// hi + lo == a * b exactly.
template <class V> Double<V> two_product(const V &a, const V &b) {
  const V product = a * b;
  return {product, fma(a, b, -product)};
}

} // namespace nuthatch::math::detail
