// The regularised incomplete beta function I_x(a, b), its derivatives in the parameters, and its inverse.
//
// In the variable v = logit t the density is t^a (1 - t)^b, with singularities no closer to the real axis than pi. The
// lower tail is integrated from v = logit x downwards: e^-g(u) with t = logistic(v - u) and
//   g(u) = a u + (a + b) log(1 - x (1 - e^-u)),
// convex, by Gauss-Legendre panels; mostly one is enough. For small a, where the tail is long, the part below t = 1/2
// is the power series x^a (1 - x)^b / (a B) sum_n (a + b)_n / (a + 1)_n x^n (DLMF 8.17.8). All terms are positive, and the
// derivatives in a and b weight them with d log density / da and / db, so these are as accurate as the function.
#pragma once

#include "ir/math/gamma_parts.h"
#include "ir/math/quadrature.h"

namespace nuthatch::math {
namespace detail {

/// I or a derivative in the parameters.
enum class BetaOrder { value, a, b, aa, ab, bb };
constexpr bool second_order(BetaOrder o) { return o >= BetaOrder::aa; }

inline constexpr double kBetaLargeShape = 12.0;
inline constexpr double kPanel = 4.0;

/// a, b, x and y = 1 - x of the lower tail to compute, with the exact mean distance.
template <class V> struct BetaArguments {
  V a, b, x, y;
  V excess; // a y - b x = a - (a + b) x
};

/// log x for x = 1 - y, of which the smaller one is exact.
template <class V> V log_of_part(const V &x, const V &y) {
  const mask_t<V> small = x < 0.5;
  return select(small, log(x), log1p(-select(small, 0.0, y)));
}

/// x^a y^b Gamma(a + b) / (Gamma(a) Gamma(b)).
template <class V> V beta_density(const BetaArguments<V> &p) {
  const V &a = p.a, &b = p.b, &x = p.x, &y = p.y;
  const V low = select(a < b, a, b), high = select(a < b, b, a);
  // Both large: around the mean a / (a + b), where x^a y^b is stationary.
  const V la = at_least(a, kStirlingFrom), lb = at_least(b, kStirlingFrom);
  const V ls = la + lb;
  const V da = -(p.excess / la), db = p.excess / lb;
  const V ea = select(da < -0.5, log(x * ls / la) - da, log1p_minus(da));
  const V eb = select(db < -0.5, log(y * ls / lb) - db, log1p_minus(db));
  const V series = log_stirling_factor(ls) - log_stirling_factor(la) - log_stirling_factor(lb);
  const V both = exp(fma(la, ea, fma(lb, eb, series))) * sqrt((la / ls) * (lb * kInverseTwoPi));
  return where_rare(low < kStirlingFrom, both, [&] {
    const V log_x = log_of_part(x, y), log_y = log_of_part(y, x);
    const V powers = fma(a, log_x, b * log_y);
    // One large: Gamma(a + b) / Gamma(high) by Stirling's formula.
    const V small = at_most(low, kStirlingFrom);
    const V step = lgamma_step<V>(small, at_least(high, kStirlingFrom));
    const V one = small * exp(powers + (step - lgamma_1p(small)));
    // None: a b / (a + b) Gamma(1 + a + b) / (Gamma(1 + a) Gamma(1 + b)).
    const V other = at_most(high, kStirlingFrom);
    const V neither = exp(powers + (lgamma_1p<V>(small + other) - lgamma_1p(small) - lgamma_1p(other)));
    return select(high < kStirlingFrom, neither * (small * (other / (small + other))), one);
  });
}

/// (log a - digamma(a)) - (log(a + b) - digamma(a + b)) for a >= kStirlingFrom. The series is z / 2 + w P(w) in z = 1 / a,
/// w = z^2; its difference is taken term by term, since b may be small.
template <class V> V log_minus_digamma_step(const V &a, const V &b) {
  const V sum = a + b;
  const V z = 1.0 / a, z2 = 1.0 / sum;
  const V w = z * z, w2 = z2 * z2;
  constexpr std::size_t n = std::size(kDigammaSeries);
  V value = lit(a, kDigammaSeries[n - 1]), slope = lit(a, 0.0); // of P: at w, and its divided difference to w2
  for (std::size_t i = n - 1; i-- > 0;) {
    slope = fma(slope, w2, value);
    value = fma(value, w, kDigammaSeries[i]);
  }
  const V step = b * z * z2; // z - z2
  return step * fma(z + z2, fma(slope, w2, value), 0.5);
}

/// d log density / da and the same less 1 / a, log x - digamma(a + 1) + digamma(a + b), each without cancellation.
template <class V> struct BetaSlope {
  V full, less;
};
/// For x = (1 + relative) a / (a + b) = 1 - y.
template <class V> BetaSlope<V> beta_slope(const V &a, const V &b, const V &x, const V &y, const V &relative) {
  const mask_t<V> small = a < kStirlingFrom;
  const V ratio = select(relative < -0.5, log(x * ((a + b) / a)), log1p(relative));
  const V full = ratio + log_minus_digamma_step<V>(at_least(a, kStirlingFrom), b);
  const V q = 1.0 / a;
  const V less = where_rare(small, full - q, [&] { return log_of_part(x, y) - digamma(a + 1.0) + digamma(a + b); });
  return {select(small, less + q, full), less};
}

/// (d log f / da)^2 + d2 log f / da2 for slope.full + l, where 1 / a^2 would cancel for small a. trigammas: at a + 1, a + b.
template <class V>
V beta_bend(const V &a, const BetaSlope<V> &slope, const V &l, const V &trigamma_a1, const V &trigamma_sum) {
  const V q = 1.0 / a, full = slope.full + l, less = slope.less + l;
  const V large = fma(full, full, trigamma_sum - fma(q, q, trigamma_a1));
  return select(a < kStirlingFrom, fma(less, fma(2.0, q, less), trigamma_sum - trigamma_a1), large);
}

/// I_x(a, b) from below, or a derivative. `swap`: the derivative in the other parameter, where the tail is that of 1 - I.
template <BetaOrder order, class V>
V beta_lower(const BetaArguments<V> &p, const mask_t<V> &swap, const mask_t<V> &active) {
  const V &a = p.a, &b = p.b, &x = p.x, &y = p.y, &excess = p.excess;
  const V zero = lit(x, 0.0), one = lit(x, 1.0);
  const V sum = a + b;
  const mask_t<V> left = x <= 0.5, large = a >= kBetaLargeShape;

  // Where to stop: down to 1/2, or where nothing is left. g(u) >= a u + (a + b) log y, and
  // g(u) >= excess u + (a + b) x y u^2 / (2 + u); then Newton's method from above, g being convex.
  const V log_y = log_of_part(y, x);
  const V c = sum * (x * y);
  const V quadratic = excess + c;
  const V h = fma(-2.0, excess, kNothingLeft);
  const V root = sqrt(fma(h, h, 8.0 * kNothingLeft * quadratic));
  const V by_curvature = select(h > 0.0, (h + root) / (2.0 * quadratic), 4.0 * kNothingLeft / (root - h));
  const V by_slope = (kNothingLeft - sum * log_y) / a;
  V length = select((by_curvature < by_slope) & (excess >= 0.0), by_curvature, by_slope);

  // g(u), log t and log(1 - t), each in a form that does not cancel: from x for x <= 1/2, from y otherwise.
  struct Point {
    V g, log_t, log_1mt; // the logarithms relative to those of x and y
  };
  const V near_side = select(left, x, y), sign = select(left, lit(x, -1.0), 1.0);
  const auto at = [&](const V &u) {
    const V su = sign * u;
    const V e = expm1(su);
    const V w = near_side * e; // -x (1 - e^-u) or y (e^u - 1)
    const V l = log1p(w);
    const V close = fma(excess, u, sum * fma(near_side, expm1_minus<V>(su, e), log1p_minus<V>(w, l)));
    const V away = fma(sum, l, select(left, a * u, -(b * u)));
    return Point{select(abs(w) < 0.25, close, away), select(left, -u - l, -l), select(left, -l, u - l)};
  };
  for (int i = 0; i < 3; ++i) {
    const V g = at(length).g;
    const V t = x / (x + y * exp(length));
    const V step = (g - kNothingLeft) / (a - sum * t);
    length = select(large & (step > 0.0) & (step < length), length - step, length);
  }
  const V logit = log(x / y);
  const V to_half = select(left, zero, logit);
  length = select(large, length, to_half);

  BetaSlope<V> in_a{one, one}, in_b{one, one};
  V bend_a = one, bend_b = one, bend = one;
  if constexpr (order != BetaOrder::value) {
    in_a = beta_slope<V>(a, b, x, y, -(excess / a));
    in_b = beta_slope<V>(b, a, y, x, excess / b);
  }
  if constexpr (second_order(order)) {
    bend_a = trigamma(a + 1.0);
    bend_b = trigamma(b + 1.0);
    bend = trigamma(sum);
  }
  // The derivative of the integrand, where log t and log(1 - t) exceed those of x by l and m.
  const auto weighted = [&](const V &f, const V &l, const V &m) -> V {
    if constexpr (order == BetaOrder::value) return f;
    else if constexpr (order == BetaOrder::ab) return f * fma(in_a.full + l, in_b.full + m, bend);
    else if constexpr (second_order(order)) {
      const V aa = beta_bend(a, in_a, l, bend_a, bend), bb = beta_bend(b, in_b, m, bend_b, bend);
      return f * (order == BetaOrder::aa ? select(swap, bb, aa) : select(swap, aa, bb));
    } else {
      const V by_a = in_a.full + l, by_b = in_b.full + m;
      return f * (order == BetaOrder::a ? select(swap, by_b, by_a) : select(swap, by_a, by_b));
    }
  };

  // Panels of equal length.
  const V panels = at_least(-floor(-(length / kPanel)), 1.0);
  const V panel = length / panels;
  const auto integral = repeat_while<2>(active & (length > 0.0), std::array<V, 2>{zero, zero}, 1000,
                                        [&](const std::array<V, 2> &s) {
    const V from = s[0] * panel;
    const V part = integrate_unit(x, [&](const auto &node) {
      const V u = fma(panel, node, from);
      const Point q = at(u);
      return weighted(exp(-q.g), q.log_t, q.log_1mt);
    });
    return Turn<V, 2>{{s[0] + 1.0, s[1] + part}, s[0] + 1.0 < panels};
  });
  V total = panel * integral[1];

  const mask_t<V> series = active & !large;
  total = where_rare(series, total, [&] {
    const V z = select(left, x, 0.5);
    const Point q = at(to_half);
    const V start = exp(-q.g);
    V result = zero;
    if constexpr (order == BetaOrder::value) {
      const auto s = repeat_while<3>(series, std::array<V, 3>{zero, one, one}, 2000, [&](const std::array<V, 3> &s) {
        const V n = s[0] + 1.0;
        const V term = s[1] * (z * ((sum + s[0]) / (a + n)));
        return Turn<V, 3>{{n, term, s[2] + term}, term > 0x1p-54 * s[2]};
      });
      result = s[2];
    } else {
      // n, the term, its sum, d log term / da and db with their derivatives, and the sums of terms times these
      const auto s = repeat_while<10>(series, std::array<V, 10>{zero, one, one, zero, zero, zero, zero, zero, zero, zero},
                                      2000, [&](const std::array<V, 10> &s) {
        const V n = s[0] + 1.0;
        const V h = 1.0 / (a + n), k = 1.0 / (sum + s[0]);
        const V term = s[1] * (z * ((sum + s[0]) * h));
        const V slope_b = s[3] + k, slope_a = s[4] + (k - h);
        const V curve_b = fma(-k, k, s[5]), curve_a = s[6] + (h * h - k * k);
        const V aa = fma(slope_a, slope_a, curve_a), bb = fma(slope_b, slope_b, curve_b);
        V second = fma(slope_a, slope_b, curve_b);
        if constexpr (order == BetaOrder::aa) second = select(swap, bb, aa);
        if constexpr (order == BetaOrder::bb) second = select(swap, aa, bb);
        const V size = second_order(order) ? abs(second) : abs(slope_a) + slope_b;
        return Turn<V, 10>{{n, term, s[2] + term, slope_b, slope_a, curve_b, curve_a, fma(term, slope_a, s[7]),
                            fma(term, slope_b, s[8]), fma(term, second, s[9])},
                           term * (1.0 + size) > 0x1p-56 * s[2]};
      });
      // d log (start / a) / da and / db, with the derivatives of these
      const V r = in_a.less + q.log_t, l = in_b.full + q.log_1mt;
      const V by_a = fma(r, s[2], s[7]), by_b = fma(l, s[2], s[8]);
      const V aa = fma(fma(r, r, bend - bend_a), s[2], fma(2.0 * r, s[7], s[9]));
      const V bb = fma(beta_bend(b, in_b, q.log_1mt, bend_b, bend), s[2], fma(2.0 * l, s[8], s[9]));
      if constexpr (order == BetaOrder::a) result = select(swap, by_b, by_a);
      else if constexpr (order == BetaOrder::b) result = select(swap, by_a, by_b);
      else if constexpr (order == BetaOrder::aa) result = select(swap, bb, aa);
      else if constexpr (order == BetaOrder::bb) result = select(swap, aa, bb);
      else result = fma(fma(r, l, bend), s[2], fma(r, s[8], fma(l, s[7], s[9])));
    }
    return fma(start, result / a, total);
  });
  return beta_density(p) * total;
}

/// I or, where `upper`, 1 - I; or a derivative of I. x = 1 - y is inside (0, 1), excess = a y - b x.
template <BetaOrder order, class V>
V incomplete_beta_between(const V &a, const V &b, const V &x, const V &y, const V &excess, const mask_t<V> &upper,
                          const mask_t<V> &active) {
  // The smaller tail is computed: the one on this side of the mean, or of the median where it is far from the mean.
  const V log_x = log_of_part(x, y), log_y = log_of_part(y, x);
  const mask_t<V> few_a = a < 1.0, few_b = b < 1.0;
  const mask_t<V> below = a * (log_x + log(b)) < -0.7, above = b * (log_y + log(a)) < -0.7;
  const mask_t<V> more = fma(a, log_x, log(b)) > fma(b, log_y, log(a));
  const mask_t<V> swap = (few_a & few_b & more) | (few_a & !few_b & !below) | (!few_a & few_b & above) |
                         (!few_a & !few_b & (excess < 0.0));
  const BetaArguments<V> p = {select(swap, b, a), select(swap, a, b), select(swap, y, x), select(swap, x, y),
                              select(swap, -excess, excess)};
  const V tail = beta_lower<order>(p, swap, active);
  if constexpr (order == BetaOrder::value) return select((swap & !upper) | (!swap & upper), 1.0 - tail, tail);
  else return select(swap, -tail, tail);
}

template <BetaOrder order, class V> V incomplete_beta(const V &a_any, const V &b_any, const V &x_any) {
  const mask_t<V> shapes = (a_any > 0.0) & (b_any > 0.0) & (a_any < kInf) & (b_any < kInf);
  const mask_t<V> ordinary = shapes & (x_any > 0.0) & (x_any < 1.0);
  const V a = select(ordinary, a_any, 1.0), b = select(ordinary, b_any, 1.0), x = select(ordinary, x_any, 0.5);
  const V y = 1.0 - x;
  const V y_low = (1.0 - y) - x;
  const auto ay = two_product(a, y), bx = two_product(b, x);
  const auto difference = two_sum<V>(ay.hi, -bx.hi);
  const V excess = difference.hi + (difference.lo + ((ay.lo - bx.lo) + a * y_low));
  const V result = incomplete_beta_between<order, V>(a, b, x, y, excess, x != x, ordinary);
  const V end = lit(x, order == BetaOrder::value ? 1.0 : 0.0);
  const V limit = select(shapes & (x_any == 0.0), lit(x, 0.0), select(shapes & (x_any == 1.0), end, kNaN));
  return select(ordinary, result, limit);
}

} // namespace detail

/// I_x(a, b) = integral of t^(a-1) (1-t)^(b-1) / B(a, b) over 0 < t < x, for a, b > 0 and 0 <= x <= 1.
template <class V> V betainc(V a, V b, V x) { return detail::incomplete_beta<detail::BetaOrder::value>(a, b, x); }
/// Its derivatives in the parameters.
template <class V> V betainc_grad_a(V a, V b, V x) { return detail::incomplete_beta<detail::BetaOrder::a>(a, b, x); }
template <class V> V betainc_grad_b(V a, V b, V x) { return detail::incomplete_beta<detail::BetaOrder::b>(a, b, x); }
template <class V> V betainc_grad_aa(V a, V b, V x) { return detail::incomplete_beta<detail::BetaOrder::aa>(a, b, x); }
template <class V> V betainc_grad_ab(V a, V b, V x) { return detail::incomplete_beta<detail::BetaOrder::ab>(a, b, x); }
template <class V> V betainc_grad_bb(V a, V b, V x) { return detail::incomplete_beta<detail::BetaOrder::bb>(a, b, x); }
/// Its derivative in x, the density x^(a-1) (1-x)^(b-1) / B(a, b).
template <class V> V betainc_grad_x(V a_any, V b_any, V x_any) {
  using namespace detail;
  const mask_t<V> shapes = (a_any > 0.0) & (b_any > 0.0) & (a_any < kInf) & (b_any < kInf);
  const mask_t<V> ordinary = shapes & (x_any > 0.0) & (x_any < 1.0);
  const V a = select(ordinary, a_any, 1.0), b = select(ordinary, b_any, 1.0), x = select(ordinary, x_any, 0.5);
  const V y = 1.0 - x;
  const V y_low = (1.0 - y) - x;
  const auto ay = two_product(a, y), bx = two_product(b, x);
  const auto difference = two_sum<V>(ay.hi, -bx.hi);
  const V excess = difference.hi + (difference.lo + ((ay.lo - bx.lo) + a * y_low));
  const V result = beta_density<V>({a, b, x, y, excess}) / (x * y);
  const V here = select(x_any == 0.0, a_any, b_any), other = select(x_any == 0.0, b_any, a_any);
  const V at_end = select(here < 1.0, lit(x, kInf), select(here == 1.0, other, 0.0));
  const V limit = select(shapes & ((x_any == 0.0) | (x_any == 1.0)), at_end, kNaN);
  return select(ordinary, result, limit);
}

} // namespace nuthatch::math
