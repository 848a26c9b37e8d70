// The regularised incomplete gamma functions P and Q, their derivatives in the shape, and their inverses.
//
// With t = x e^u the density x^a e^-x / Gamma(a) leaves a tail integral over e^-g(u), g convex and entire, from u = 0 to
// where nothing is left: one Gauss-Legendre rule (quadrature.h). It serves Q for x >= max(a, 1.1) and P for x < a, a large.
// Derivatives in a multiply the integrand by log t - digamma(a) and its like, so they are as accurate as the function.
// The power series (DLMF 8.11.4) serves x below a or 1.1 for smaller a.
#pragma once

#include "ir/math/gamma_parts.h"
#include "ir/math/quadrature.h"

namespace nuthatch::math {
namespace detail {

/// P or its first or second derivative in a.
enum class Order { value, first, second };

inline constexpr double kGammaLargeShape = 12.0;

/// log(x / a) for a not small and mu = (x - a) / a.
template <class V> V log_ratio(const V &x, const V &a, const V &mu) {
  return select(mu < -0.5, log(x / a), log1p(mu));
}

/// x^a e^-x / Gamma(a). The exponent a log(x / a) - (x - a) is a sum of two doubles up to a moderate a, where its rounding
/// would otherwise show in the far tails.
template <class V> V gamma_density(const V &a, const V &x) {
  const mask_t<V> stirling = a >= kStirlingFrom;
  const auto power = product<V>(log_accurate(x), a);
  const auto tiny = two_sum<V>(power.hi, -x);
  const auto shape = product<V>(log_accurate(a), a);
  const auto ratio = two_sum<V>(power.hi, -shape.hi);
  const auto distance = two_sum<V>(a, -x);
  const auto moderate = two_sum<V>(ratio.hi, distance.hi);
  const V low = power.lo + select(stirling, moderate.lo + (ratio.lo - shape.lo) + distance.lo, tiny.lo);
  const auto exponent = fast_two_sum<V>(select(stirling, moderate.hi, tiny.hi), low);
  const V result = exp_of_sum(exponent.hi, exponent.lo) *
                   select(stirling, sqrt(a * kInverseTwoPi) * exp(-log_stirling_factor<V>(at_least(a, kStirlingFrom))),
                          a * exp(-lgamma_1p<V>(at_most(a, kStirlingFrom))));
  const mask_t<V> large = a > 4096.0;
  return where_rare(large, result, [&] {
    const V mu = (x - a) / a;
    const V deviation = select(mu < -0.5, log(x / a) - mu, log1p_minus(mu));
    return exp(fma(a, deviation, -log_stirling_factor(a))) * sqrt(a * kInverseTwoPi);
  });
}

/// d log density / da = log x - digamma(a).
template <class V> V gamma_slope(const V &a, const V &x) {
  const V mu = (x - a) / a;
  const V near = log_ratio<V>(x, a, mu) + log_minus_digamma(a);
  return select(a >= kStirlingFrom, near, log(x) - digamma(a));
}

/// The factor that turns the integrand f into its derivative in a: s = d log f / da, or s^2 - trigamma(a). The latter is
/// r (r + 2 / a) - trigamma(a + 1) with r = s - 1 / a, which does not cancel for small a.
template <Order order, class V> V gamma_weight(const V &slope, const V &two_over_a, const V &curvature) {
  if constexpr (order == Order::first) return slope;
  else return fma(slope, slope + two_over_a, -curvature);
}

/// The integral of density(t) dt / t from x away from a, as Q (above) or P (below) and their derivatives.
template <Order order, class V> V gamma_tail(const V &a, const V &x, const mask_t<V> &above, const V &density) {
  const V distance = abs(x - a);
  // g(u) = |x - a| u + x (e^(+-u) - 1 -+ u). Bounds of the point where g is kNothingLeft: e^u - 1 - u >= u^2 / 2, once
  // refined, and e^-u - 1 + u >= u^2 / (2 + u).
  const V rough = 2.0 * kNothingLeft / (distance + sqrt(fma(distance, distance, 2.0 * kNothingLeft * x)));
  const V upper = log1p(fma(a, rough, kNothingLeft) / x);
  const V b = fma(-2.0, distance, kNothingLeft);
  const V root = sqrt(fma(b, b, 8.0 * kNothingLeft * a));
  const V lower = select(b > 0.0, (b + root) / (2.0 * a), 4.0 * kNothingLeft / (root - b));
  const V length = select(above, upper, lower);
  const V sign = select(above, lit(x, 1.0), -1.0);
  V slope = a, curvature = a, two_over_a = a;
  if constexpr (order == Order::first) slope = gamma_slope(a, x);
  if constexpr (order == Order::second) {
    slope = select(a < kStirlingFrom, log(x) - digamma(a + 1.0), gamma_slope(a, x) - 1.0 / a);
    curvature = trigamma(a + 1.0);
    two_over_a = 2.0 / a;
  }
  const V integral = integrate_unit(x, [&](const auto &node) {
    const V u = length * node;
    const V f = exp(-fma(x, expm1_minus<V>(sign * u), distance * u));
    if constexpr (order == Order::value) return f;
    else return f * gamma_weight<order, V>(fma(sign, u, slope), two_over_a, curvature);
  });
  return density * (length * integral);
}

/// P, or its derivative, by x^a e^-x / Gamma(a + 1) (1 + x / (a + 1) + x^2 / ((a + 1)(a + 2)) + ...).
template <Order order, class V> V gamma_series(const V &a, const V &x, const mask_t<V> &active, const V &density) {
  const V zero = lit(x, 0.0), one = lit(x, 1.0);
  if constexpr (order == Order::value) {
    // n, the term, the sum
    const auto s = repeat_while<3>(active, std::array<V, 3>{a, one, one}, 500, [&](const std::array<V, 3> &s) {
      const V n = s[0] + 1.0;
      const V term = s[1] * (x / n);
      return Turn<V, 3>{{n, term, s[2] + term}, term > 0x1p-54 * s[2]};
    });
    return density / a * s[2];
  } else {
    // Also d log term / da, its derivative, and the sums of the terms times the one and the other.
    const auto s = repeat_while<7>(active, std::array<V, 7>{a, one, one, zero, zero, zero, zero}, 500,
                                   [&](const std::array<V, 7> &s) {
      const V n = s[0] + 1.0;
      const V q = 1.0 / n;
      const V term = s[1] * (x * q);
      const V slope = s[3] - q, curvature = fma(q, q, s[4]);
      const V bend = fma(slope, slope, curvature);
      return Turn<V, 7>{{n, term, s[2] + term, slope, curvature, fma(term, slope, s[5]), fma(term, bend, s[6])},
                        term * bend > 0x1p-56 * s[2]};
    });
    const V slope = log(x) - digamma(a + 1.0);
    V result = fma(slope, s[2], s[5]);
    if constexpr (order == Order::second) {
      const V bend = fma(slope, slope, -trigamma(a + 1.0));
      result = fma(bend, s[2], fma(2.0 * slope, s[5], s[6]));
    }
    return density / a * result;
  }
}

/// Q for x < 1.1 and a < 1.1, where it may be small: 1 - x^a / Gamma(1 + a) (1 + a sum_n (-x)^n / ((a + n) n!)).
template <class V> V gamma_small_upper(const V &a, const V &x, const mask_t<V> &active) {
  const auto s = repeat_while<3>(active, std::array<V, 3>{lit(x, 0.0), lit(x, 1.0), lit(x, 0.0)}, 40,
                                 [&](const std::array<V, 3> &s) {
    const V n = s[0] + 1.0;
    const V power = s[1] * (-x / n);
    const V sum = s[2] + power / (a + n);
    return Turn<V, 3>{{n, power, sum}, abs(power) > 0x1p-56 * abs(sum)};
  });
  const V head = expm1(fma(a, log(x), -lgamma_1p(a)));
  return -head - (head + 1.0) * (a * s[2]);
}

/// P, or Q where `upper`; or a derivative of P.
template <Order order, class V> V incomplete_gamma(const V &a_any, const V &x_any, const mask_t<V> &upper) {
  const mask_t<V> ordinary = (a_any > 0.0) & (x_any > 0.0) & (a_any < kInf) & (x_any < kInf);
  const V a = select(ordinary, a_any, 1.0), x = select(ordinary, x_any, 1.0);
  const mask_t<V> above = (x >= a) & (x >= 1.1);
  const mask_t<V> by_tail = above | (a >= kGammaLargeShape);
  const V density = gamma_density(a, x);

  V result = where_rare(by_tail, lit(x, 0.0), [&] {
    const V t = gamma_tail<order>(a, x, above, density);
    if constexpr (order == Order::value) return select((above & upper) | (!above & !upper), t, 1.0 - t);
    else return select(above, -t, t);
  });
  if constexpr (order == Order::value) {
    const mask_t<V> small = upper & (x < 1.1) & (a < 1.1);
    const mask_t<V> rest = !by_tail & !small;
    result = where_rare(small, result, [&] { return gamma_small_upper<V>(a, x, small); });
    result = where_rare(rest, result, [&] {
      const V t = gamma_series<order, V>(a, x, rest, density);
      return select(upper, 1.0 - t, t);
    });
  } else {
    result = where_rare(!by_tail, result, [&] { return gamma_series<order, V>(a, x, !by_tail, density); });
  }

  // P is 1 for a = 0 and at x = inf, 0 at x = 0 and for a = inf; the derivatives vanish there.
  const mask_t<V> full = ((a_any == 0.0) & (x_any > 0.0)) | ((x_any == kInf) & (a_any >= 0.0) & (a_any < kInf));
  const mask_t<V> empty = ((x_any == 0.0) & (a_any > 0.0)) | ((a_any == kInf) & (x_any >= 0.0) & (x_any < kInf));
  V one = lit(x, 0.0), nil = lit(x, 0.0);
  if constexpr (order == Order::value) {
    one = select(upper, nil, 1.0);
    nil = 1.0 - one;
  }
  return select(ordinary, result, select(full, one, select(empty, nil, kNaN)));
}

} // namespace detail

/// P(a, x) = integral of t^(a-1) e^-t / Gamma(a) over 0 < t < x, for a >= 0, x >= 0.
template <class V> V igamma(V a, V x) { return detail::incomplete_gamma<detail::Order::value, V>(a, x, a != a); }
/// Q(a, x) = 1 - P(a, x), accurate where it is small.
template <class V> V igammac(V a, V x) { return detail::incomplete_gamma<detail::Order::value, V>(a, x, a == a); }
/// dP/da and d2P/da2.
template <class V> V igamma_grad_a(V a, V x) { return detail::incomplete_gamma<detail::Order::first, V>(a, x, a != a); }
template <class V> V igamma_grad_aa(V a, V x) { return detail::incomplete_gamma<detail::Order::second, V>(a, x, a != a); }
/// dP/dx = x^(a-1) e^-x / Gamma(a).
template <class V> V igamma_grad_x(V a, V x) {
  const mask_t<V> ordinary = (a > 0.0) & (x > 0.0) & (a < kInf) & (x < kInf);
  const V b = select(ordinary, a, 1.0), t = select(ordinary, x, 1.0);
  const V at_zero = select(a < 1.0, lit(x, kInf), select(a == 1.0, lit(x, 1.0), 0.0));
  const V limit = select((a > 0.0) & (x == 0.0), at_zero, select((a >= 0.0) & (x >= 0.0), lit(x, 0.0), kNaN));
  return select(ordinary, detail::gamma_density(b, t) / t, limit);
}

} // namespace nuthatch::math
