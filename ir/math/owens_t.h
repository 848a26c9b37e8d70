// Owen's T function.
#pragma once

#include "ir/math/erf.h"
#include "ir/math/exp.h"
#include "ir/math/quadrature.h"

namespace nuthatch::math {
namespace detail {

/// T(h, a) for h >= 0 and 0 <= a <= 1: e^(-h^2/2) / 2 pi times the integral of e^(-h^2 t^2 / 2) / (1 + t^2) to a, or to where
/// nothing is left.
template <class V> V owens_t_near(const V &h, const V &a) {
  const V reach = select(h * a > 9.0, 9.0 / h, a);
  const V half = -0.5 * h * h;
  const V integral = integrate_unit(h, [&](const auto &node) {
    const V t = reach * node;
    const V square = t * t;
    return exp(half * square) / (1.0 + square);
  });
  return (exp(half) * (reach * 0.15915494309189535)) * integral;
}

} // namespace detail

/// T(h, a) = 1 / (2 pi) integral of e^(-h^2 (1 + t^2) / 2) / (1 + t^2) over 0 < t < a (Owen, Ann. Math. Stat. 27, 1956): even in h,
/// odd in a.
template <class V> V owens_t(V h, V a) {
  using namespace detail;
  const V s = abs(h), t = at_most(abs(a), 0x1p900);
  const mask_t<V> steep = t > 1.0;
  // For a > 1: T(h, a) = (Phi(h) + Phi(ah)) / 2 - Phi(h) Phi(ah) - T(ah, 1/a), in the upper tails q = 1 - Phi.
  const V near = owens_t_near<V>(select(steep, s * t, s), select(steep, 1.0 / t, t));
  const V y = where_rare(steep, near, [&] {
    const V q = 0.5 * erfc<V>(s * kSqrtHalf[0]), r = 0.5 * erfc<V>(s * t * kSqrtHalf[0]);
    return fma(0.5, q, fma(0.5, r, -(q * r))) - near;
  });
  const V limited = select(s == kInf, 0.0, y);
  return select((h != h) | (a != a), h + a, copysign(limited, a));
}

} // namespace nuthatch::math
