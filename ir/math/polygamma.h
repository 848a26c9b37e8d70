// polygamma(n, x), the n-th derivative of digamma, through Hurwitz' zeta function.
#pragma once

#include "ir/math/gamma.h"
#include "ir/math/loop.h"
#include "ir/math/pow.h"

namespace nuthatch::math {
namespace detail {

/// Ratios of successive coefficients B_2j / (2j)! of the Euler-Maclaurin series, and 2j - 1, from j = 1; the first is
/// B_2 / 2!.
inline constexpr double kBernoulliRatios[12][2] = {
    {1.0 / 12, 1},
    {-1.0 / 60, 3},
    {-1.0 / 42, 5},
    {-1.0 / 40, 7},
    {-5.0 / 198, 9},
    {-691.0 / 27300, 11},
    {-35.0 / 1382, 13},
    {-3617.0 / 142800, 15},
    {-219335.0 / 8659098, 17},
    {-1222277.0 / 48253700, 19},
    {-4272565.0 / 168674226, 21},
    {-236364091.0 / 9331281960, 23}};

/// The sum of (q + k)^-s over k >= 0 for integers s >= 2 and q > 0: terms up to s + 10, then Euler and Maclaurin's formula.
template <class V> V hurwitz_zeta(const V &s, const V &q, const mask_t<V> &active) {
  const auto head = repeat_while<2>(active & (q < s + 10.0), std::array<V, 2>{q, lit(q, 0.0)}, 200,
                                    [&](const std::array<V, 2> &state) {
    const V next = state[0] + 1.0;
    return Turn<V, 2>{{next, state[1] + pow<V>(state[0], -s)}, next < s + 10.0};
  });
  const V &w = head[0];
  const V inverse = 1.0 / w;
  const V square = inverse * inverse;
  // The term of j is B_2j / (2j)! s (s + 1) ... (s + 2j - 2) w^-(2j - 1), from (s - 1) w / (s - 1).
  const auto tail = over_rows(kBernoulliRatios, std::array<V, 2>{w / (s - 1.0), lit(q, 0.0)},
                              [&](const std::array<V, 2> &state, const auto &row) -> std::array<V, 2> {
    const V factor = (s + (row[1] - 2.0)) * (s + (row[1] - 1.0));
    const V term = state[0] * ((factor * row[0]) * square);
    return {term, state[1] + term};
  });
  return fma(pow<V>(w, -s), (w / (s - 1.0) + 0.5) + tail[1], head[1]);
}

} // namespace detail

/// The n-th derivative of digamma for integers 0 <= n <= 170; NaN for other n, at 0 and the negative integers.
template <class V> V polygamma(V n, V x) {
  using namespace detail;
  const mask_t<V> valid = (n >= 1.0) & (n <= 170.0) & (rint(n) == n);
  const mask_t<V> left = x < 0.0;
  const V s = select(valid, n, 1.0) + 1.0;
  const V half = 0.5 * s;
  const mask_t<V> even = rint(half) == half; // of s
  const V floor_x = floor(x), fraction = x - floor_x;
  const mask_t<V> pole = (x <= 0.0) & (fraction == 0.0);
  const mask_t<V> inside = valid & !pole & (abs(x) < kInf);

  const V right = select(left, 1.0 - x, x);
  const V direct = hurwitz_zeta<V>(s, select(inside, right, 1.0), inside);
  // Sum over all integers k of (x + k)^-s, which has period 1, less the terms of the other side.
  const V zeta = where_rare(left & inside, direct, [&] {
    const V r = select(left & inside, fraction, 0.5), rest = select(left & inside, (floor_x + 1.0) - x, 0.5);
    const V sign = select(even, lit(x, 1.0), -1.0);
    return hurwitz_zeta<V>(s, r, left & inside) + sign * (hurwitz_zeta<V>(s, rest, left & inside) - direct);
  });
  const auto factorial = repeat_while<2>(inside, std::array<V, 2>{lit(n, 1.0), lit(n, 1.0)}, 170,
                                         [&](const std::array<V, 2> &state) {
    const V k = state[0] + 1.0;
    return Turn<V, 2>{{k, state[1] * state[0]}, k < s};
  });
  const V size = zeta * factorial[1];
  const V result = select(even, size, -size); // (-1)^s n! zeta(s, x)
  const V at_infinity = select(valid & (x == kInf), lit(x, 0.0), kNaN);
  const V y = select(inside, result, at_infinity);
  return where_rare(n == 0.0, y, [&] { return digamma(x); });
}

} // namespace nuthatch::math
