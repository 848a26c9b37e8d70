#include "ppl/distributions/samplers.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"
#include "nuthatch/special.h"
#include "nuthatch/transform.h"
#include "ppl/distributions/constants.h"

namespace nuthatch::detail {
namespace {

/// Rejection accepts with probability above 0.7, searches end within the mass a double can see: more rounds only occur
/// with parameters that are NaN.
constexpr std::int64_t kRounds = 500;

struct Search {
  Tensor k, term, total, i;
};
struct Rejection {
  Tensor x, done, i;
};

/// Smallest k with u < P(X <= k), given P(X = 0) and P(X = i) / P(X = i - 1).
template <class Ratio> Tensor search(const Tensor& u, const Tensor& first, Ratio&& ratio) {
  Search s = while_loop(
      Search{zeros_like(u), first, first, Tensor(1.0)},
      [&](const Search& s) { return any_of(u >= s.total) & (s.i < double(kRounds)); },
      [&](const Search& s) {
        Tensor term = s.term * ratio(s.i);
        return Search{select(u >= s.total, s.i, s.k), term, s.total + term, s.i + 1.0};
      });
  return s.k;
}

/// Repeats attempt(u, v) -> (candidate, accepted) with fresh uniforms until every element that is not `done` has one.
template <class Attempt> Tensor reject(const Key& key, const Shape& shape, const Tensor& done, Attempt&& attempt) {
  Rejection r = while_loop(
      Rejection{zeros(shape), done, Tensor(0)}, [&](const Rejection& r) { return ~all_of(r.done) & (r.i < kRounds); },
      [&](const Rejection& r) {
        auto [ku, kv] = split<2>(fold_in(key, r.i));
        auto [x, accepted] = attempt(uniform(ku, shape), 1.0 - uniform(kv, shape));
        return Rejection{select(r.done, r.x, x), r.done | accepted, r.i + 1};
      });
  return r.x;
}

} // namespace

// The generator gives multiples of 2^-52.
Tensor open_uniform(const Key& key, const Shape& shape) { return uniform(key, shape) + 0x1p-53; }

namespace {

Tensor draw_log_gamma(const Key& key, const Tensor& concentration, const Shape& shape) {
  auto [loop, boost] = split<2>(key);
  Tensor a = broadcast_if_needed(concentration.cast(f64), shape);
  // Gamma(a) = Gamma(a + 1) U^(1/a) for a < 1.
  Tensor small = a < 1.0;
  Tensor d = select(small, a + 1.0, a) - 1.0 / 3.0, c = rsqrt(9.0 * d);
  Rejection r = while_loop(
      Rejection{zeros(shape), ~isfinite(a), Tensor(0)},
      [&](const Rejection& r) { return ~all_of(r.done) & (r.i < kRounds); },
      [&](const Rejection& r) {
        auto [kn, ku] = split<2>(fold_in(loop, r.i));
        Tensor x = normal(kn, shape), root = 1.0 + c * x;
        Tensor log_v = 3.0 * log(maximum(root, 1e-300));
        Tensor accepted =
            (root > 0.0) & (log1p(-uniform(ku, shape)) < 0.5 * square(x) + d * (1.0 - exp(log_v) + log_v));
        return Rejection{select(r.done, r.x, log_v), r.done | accepted, r.i + 1};
      });
  Tensor log_draw = log(d) + r.x;
  return select(small, log_draw + log1p(-uniform(boost, shape)) / a, log_draw);
}

/// dy/da of y = log x for P(a, x) held fixed: -(dP/da) / (x p(x)). Near 0, where x may underflow, it is that of
///   log P(a, x) = a y - lgamma(a + 1) + log(1 - a x / (a + 1) + ...).
Tensor log_gamma_slope(const Tensor& y, const Tensor& a) {
  const Tensor x = exp(y), near = x < 1e-8, safe = select(near, 1.0, x);
  Tensor ratio = x / (a + 1.0);
  Tensor series = (digamma(a + 1.0) - y + ratio / (a + 1.0)) / (a * (1.0 - ratio));
  auto [P, slope] = jvp([&](const Tensor& at) { return igamma(at, safe); }, a, ones_like(a));
  Tensor log_density = a * log(safe) - safe - lgamma(a);
  return select(near, series, -slope * exp(-log_density));
}

} // namespace

Tensor log_standard_gamma(const Key& key, const Tensor& concentration, const Shape& shape) {
  if (concentration.is_concrete()) return draw_log_gamma(key, concentration, shape);
  auto implicit = custom_jvp(
      [](const Tensor& y, const Tensor&) { return y; },
      [](const Tensor& y, const Tensor& a, const Tensor&, const Tensor& da) { return log_gamma_slope(y, a) * da; });
  return implicit(stop_gradient(draw_log_gamma(key, stop_gradient(concentration), shape)),
                  broadcast_if_needed(concentration.cast(f64), shape));
}

Tensor standard_gamma(const Key& key, const Tensor& concentration, const Shape& shape) {
  return exp(log_standard_gamma(key, concentration, shape));
}

Tensor von_mises(const Key& key, const Tensor& concentration, const Shape& shape) {
  auto [k_angle, k_side] = split<2>(key);
  Tensor k = broadcast_if_needed(stop_gradient(concentration).cast(f64), shape);
  // Parameter of the wrapped Cauchy envelope, (t - sqrt(2 t)) / (2 k) without the difference.
  Tensor t = 1.0 + sqrt(1.0 + 4.0 * square(k)), rho = 2.0 * k * rsqrt(t) / (sqrt(t) + std::sqrt(2.0));
  Tensor s = (1.0 + square(rho)) / (2.0 * rho);
  Tensor cosine = reject(k_angle, shape, ~isfinite(k), [&](const Tensor& u, const Tensor& v) {
    Tensor z = cos(kPi * u), f = (1.0 + s * z) / (s + z), c = k * (s - f);
    return std::pair<Tensor, Tensor>(f, (c * (2.0 - c) > v) | (log(c / v) + 1.0 - c >= 0.0));
  });
  Tensor angle = acos(clamp(cosine, -1.0, 1.0));
  return select(uniform(k_side, shape) < 0.5, -angle, angle);
}

Tensor poisson(const Key& key, const Tensor& rate, const Shape& shape) {
  auto [k_search, k_reject] = split<2>(key);
  Tensor lambda = broadcast_if_needed(rate.cast(f64), shape);
  Tensor low = lambda < 10.0;

  Tensor small = select(low, lambda, 1.0);
  Tensor few = search(uniform(k_search, shape), exp(-small), [&](const Tensor& i) { return small / i; });

  Tensor large = select(low, 10.0, lambda), root = sqrt(large);
  Tensor b = 0.931 + 2.53 * root, a = -0.059 + 0.02483 * b, inverse_alpha = 1.1239 + 1.1328 / (b - 3.4),
         quick = 0.9277 - 3.6224 / (b - 2.0);
  Tensor many = reject(k_reject, shape, low | ~isfinite(lambda), [&](const Tensor& u0, const Tensor& v) {
    Tensor u = u0 - 0.5, us = 0.5 - abs(u), k = floor((2.0 * a / us + b) * u + large + 0.43);
    Tensor inside = (us >= 0.07) & (v <= quick);
    Tensor outside = (k < 0.0) | ((us < 0.013) & (v > us));
    Tensor fits =
        log(v * inverse_alpha / (a / square(us) + b)) <= k * log(large) - large - lgamma(maximum(k, 0.0) + 1.0);
    return std::pair<Tensor, Tensor>(k, inside | (~outside & fits));
  });
  return select(low, few, many).cast(i64);
}

Tensor binomial(const Key& key, const Tensor& total_count, const Tensor& probs, const Shape& shape) {
  auto [k_search, k_reject] = split<2>(key);
  Tensor n = broadcast_if_needed(total_count.cast(f64), shape), p0 = broadcast_if_needed(probs.cast(f64), shape);
  Tensor flipped = p0 > 0.5;
  Tensor p = select(flipped, 1.0 - p0, p0);
  Tensor low = n * p < 10.0;

  Tensor ns = select(low, n, 1.0), ps = select(low, p, 0.5), odds = ps / (1.0 - ps);
  Tensor few = search(uniform(k_search, shape), exp(ns * log1p(-ps)),
                      [&](const Tensor& i) { return maximum(ns - i + 1.0, 0.0) / i * odds; });

  Tensor nl = select(low, 40.0, n), pl = select(low, 0.5, p), spread = sqrt(nl * pl * (1.0 - pl));
  Tensor b = 1.15 + 2.53 * spread, a = -0.0873 + 0.0248 * b + 0.01 * pl, centre = nl * pl + 0.5, quick = 0.92 - 4.2 / b,
         alpha = (2.83 + 5.1 / b) * spread, mode = floor((nl + 1.0) * pl), log_odds = log(pl / (1.0 - pl)),
         at_mode = lgamma(mode + 1.0) + lgamma(nl - mode + 1.0);
  Tensor many = reject(k_reject, shape, low | ~isfinite(p * n), [&](const Tensor& u0, const Tensor& v) {
    Tensor u = u0 - 0.5, us = 0.5 - abs(u), k = floor((2.0 * a / us + b) * u + centre);
    Tensor inside = (us >= 0.07) & (v <= quick), outside = (k < 0.0) | (k > nl);
    Tensor kc = clamp(k, 0.0, nl);
    Tensor fits = log(v * alpha / (a / square(us) + b)) <=
                  at_mode - lgamma(kc + 1.0) - lgamma(nl - kc + 1.0) + (kc - mode) * log_odds;
    return std::pair<Tensor, Tensor>(k, ~outside & (inside | fits));
  });
  Tensor draw = minimum(select(low, few, many), n);
  return select(flipped, n - draw, draw).cast(i64);
}

} // namespace nuthatch::detail
