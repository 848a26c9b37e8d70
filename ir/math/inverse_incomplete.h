// Quantiles of the gamma and beta distributions: the inverses of the incomplete gamma and beta functions.
//
// In y = log x, or logit x, the densities are log-concave, and so are both tails: Newton's method on the logarithm of the
// smaller tail converges from every start where it is positive, on one side of the root after its first step. It stops when
// a step is below 1e-9, whose square no longer counts.
#pragma once

#include "ir/math/erf.h"
#include "ir/math/incomplete_beta.h"
#include "ir/math/incomplete_gamma.h"

namespace nuthatch::math {
namespace detail {

inline constexpr int kQuantileSteps = 120;
inline constexpr double kQuantileStep = 1e-9;

/// At one y: the argument x, the tail, |d tail / dy|, and d log x / dy.
template <class V> struct TailPoint {
  V x, tail, density, stretch;
};

/// x where log tail is `target`, from the start; at `center` the tail is not too small to be a number. Where it is, the
/// step was too long, and is halved towards the last point where it was not.
template <class V, class F>
V newton_on_tail(const mask_t<V> &active, const V &start, const V &center, const mask_t<V> &upper, const V &target, F &&at) {
  // y, x, the last point with a positive tail
  const auto result = repeat_while<3>(active, std::array<V, 3>{start, lit(start, 0.0), center}, kQuantileSteps,
                                      [&](const std::array<V, 3> &s) {
    const TailPoint<V> p = at(s[0]);
    const V error = (log(p.tail) - target) * (p.tail / p.density);
    const V step = select(upper, -error, error);
    const mask_t<V> usable = (p.tail > 0.0) & (p.density > 0.0) & (abs(step) < kInf);
    const V next = select(usable, s[0] - step, 0.5 * (s[0] + s[2]));
    const mask_t<V> more = abs(next - s[0]) > kQuantileStep;
    return Turn<V, 3>{{next, select(usable, p.x * fma(-step, p.stretch, 1.0), p.x), select(usable, s[0], s[2])}, more};
  });
  return result[1];
}

/// x with P(a, x) = p, or Q(a, x) = p where `from_above`.
template <class V> V gamma_quantile(const V &a_any, const V &p_any, const mask_t<V> &from_above) {
  const mask_t<V> inside = (a_any > 0.0) & (a_any < kInf) & (p_any > 0.0) & (p_any < 1.0);
  const V a = select(inside, a_any, 1.0), p = select(inside, p_any, 0.5);
  const mask_t<V> major = p > 0.5;
  const mask_t<V> upper = (from_above & !major) | (!from_above & major);
  const V target = log(select(major, 1.0 - p, p));

  // P is about x^a / Gamma(a + 1) for small x, which serves small a from below; otherwise the normal approximation.
  const V z = ndtri<V>(exp(target));
  const V center = log(a);
  const V normal = center + select(upper, -z, z) * at_most<V>(1.0 / sqrt(a), 1.0);
  const V power = (target + lgamma_1p(a)) / a;
  const V start = select((a < 1.0) & !upper, power, normal);
  const V x = newton_on_tail<V>(inside, start, center, upper, target, [&](const V &y) -> TailPoint<V> {
    const V x = exp(y);
    return {x, incomplete_gamma<Order::value, V>(a, x, upper), gamma_density(a, x), lit(a, 1.0)};
  });
  const mask_t<V> shape = (a_any > 0.0) & (a_any < kInf);
  const V ends = select(shape & (p_any == 0.0), select(from_above, lit(x, kInf), 0.0),
                        select(shape & (p_any == 1.0), select(from_above, lit(x, 0.0), kInf), kNaN));
  return select(inside, x, ends);
}

} // namespace detail

/// x with P(a, x) = p.
template <class V> V igamma_inv(V a, V p) { return detail::gamma_quantile<V>(a, p, a != a); }
/// x with Q(a, x) = q.
template <class V> V igammac_inv(V a, V q) { return detail::gamma_quantile<V>(a, q, a == a); }

/// x with I_x(a, b) = p.
template <class V> V betainc_inv(V a_any, V b_any, V p_any) {
  using namespace detail;
  const mask_t<V> shape = (a_any > 0.0) & (a_any < kInf) & (b_any > 0.0) & (b_any < kInf);
  const mask_t<V> inside = shape & (p_any > 0.0) & (p_any < 1.0);
  const V a = select(inside, a_any, 1.0), b = select(inside, b_any, 1.0), p = select(inside, p_any, 0.5);
  const mask_t<V> upper = p > 0.5;
  const V target = log(select(upper, 1.0 - p, p));

  // The tails are about e^(ay) / (a B) and e^(-by) / (b B) far out.
  const V z = ndtri<V>(exp(target));
  const V center = log(a / b);
  const V normal = center + select(upper, -z, z) * at_most<V>(sqrt(1.0 / a + 1.0 / b), 1.0);
  const V log_beta = lgamma(a) + lgamma(b) - lgamma(a + b);
  const V power = select(upper, -(target + log_beta + log(b)) / b, (target + log_beta + log(a)) / a);
  const V tail_shape = select(upper, b, a);
  const V start = at_least(at_most<V>(select(tail_shape < 1.0, power, normal), 745.0), -745.0);
  const V x = newton_on_tail<V>(inside, start, center, upper, target, [&](const V &v) -> TailPoint<V> {
    const V e = exp(-abs(v));
    const V small = e / (1.0 + e), large = 1.0 / (1.0 + e);
    const mask_t<V> left = v < 0.0;
    const V x = select(left, small, large), y = select(left, large, small);
    const V excess = fma(a, y, -(b * x));
    return {x, incomplete_beta_between<BetaOrder::value, V>(a, b, x, y, excess, upper, inside),
            beta_density<V>({a, b, x, y, excess}), y};
  });
  const V ends = select(shape & (p_any == 0.0), lit(x, 0.0), select(shape & (p_any == 1.0), lit(x, 1.0), kNaN));
  return select(inside, x, ends);
}

} // namespace nuthatch::math
