// erf, erfc, erf_inv, and the logarithm and inverse of the normal distribution
// function.
#pragma once

#include "ir/math/coefficients.h"
#include "ir/math/concept.h"
#include "ir/math/exp.h"
#include "ir/math/log.h"
#include "ir/math/polynomial.h"

namespace nuthatch::math {
namespace detail {

/// exp(a^2) erfc(a) for a >= 0. The map t = (a - 4) / (a + 4) takes the half
/// line to [-1, 1); (1 + 2a) times the function is then nearly constant
/// (Shepherd and Laframboise, Math. Comp. 36, 1981).
template <class V> V erfcx_nonnegative(const V &a_any) {
  const V a = at_most(a_any, 0x1p500);
  const V b = fma(a, 2.0, 1.0);
  const V inverse = 1.0 / ((a + 4.0) * b);
  const V t = fma((a + a) * b, inverse, -1.0); // accurate where it matters, near -1
  const V estimate = (a + 4.0) * inverse;
  const V one_over_b = fma(estimate, fma(-b, estimate, 1.0), estimate);
  return horner(t, kErfcx) * one_over_b;
}

/// erfc(a) for a >= 0.
template <class V> V erfc_nonnegative(const V &a) {
  const auto square = two_product(a, a);
  return exp_of_sum<V>(-square.hi, -square.lo) * erfcx_nonnegative(a);
}

/// erf_inv(x) given y = 1 - x^2 and p = (1 - |x|) / 2, for |x| < 1 as far as
/// r = sqrt(-log p) <= 6.2. One logarithm serves both pieces.
template <class V> struct ErfInverse {
  V r, result;
};
template <class V> ErfInverse<V> erf_inv_core(const V &x, const V &y, const V &p) {
  const mask_t<V> central = y > 0.0184; // w < 3.995 and r > 2.31
  const auto log = log_of(select(central, y, p));
  const V w = -(log.hi + log.lo);
  const V middle = x * horner(w, kErfInv);
  const V r = sqrt(w);
  const V result = where_rare(!central, middle, [&] {
    const V u = r - 2.3;
    return copysign(horner(u, kErfcInvNum) / horner(u, kErfcInvDen), x);
  });
  return {r, result};
}

} // namespace detail

template <class V> V erf(V x) {
  using namespace detail;
  const V a = abs(x);
  const V z = x * x;
  const V near = fma(x, polynomial(z, kErf), x);
  // 1 - e^L with L = log erfc(a) <= -1.84, as 1 - 2^n (1 + p)
  const V u = at_least(at_most(a, 6.0), 1.0) - 2.0;
  const auto e = reduce_exp<1023>(polynomial(u, kLogErfc));
  const V s = power_of_two(e.shifted);
  const V far = 1.0 - fma(s, e.exact + exp_tail(e), s);
  return select(a < 1.0, near, copysign(far, x));
}

template <class V> V erfc(V x) {
  const V y = detail::erfc_nonnegative<V>(abs(x));
  return select(x < 0.0, 2.0 - y, y);
}

/// e^(x^2) erfc(x), which for x < 0 is 2 e^(x^2) less that of -x.
template <class V> V erfcx(V x) {
  using namespace detail;
  const V a = abs(x);
  const V right = select(a > 0x1p30, 0.5641895835477563 / a, erfcx_nonnegative(a));
  const V y = where_rare(x < 0.0, right, [&] {
    const auto square = two_product(a, a);
    return 2.0 * exp_of_sum(square.hi, square.lo) - right;
  });
  return y;
}

template <class V> V erf_inv(V x) {
  using namespace detail;
  const V a = abs(x);
  const V y = erf_inv_core<V>(x, fma(-x, x, 1.0), fma(a, -0.5, 0.5)).result;
  const V ends = select(a == 1.0, copysign(lit(x, kInf), x), kNaN);
  return select(a < 1.0, y, ends);
}

/// The standard normal quantile of p.
template <class V> V ndtri(V p) {
  using namespace detail;
  const V tail = select(p > 0.5, 1.0 - p, p);
  const V x = fma(p, 2.0, -1.0);
  const auto e = erf_inv_core<V>(x, (4.0 * tail) * (1.0 - tail), tail);
  const V y = where_rare(e.r > 6.1, e.result, [&] {
    const V u = e.r - 6.0;
    return copysign(horner(u, kErfcInvFarNum) / horner(u, kErfcInvFarDen), x);
  });
  const V ends = select(tail == 0.0, copysign(lit(p, kInf), x), kNaN);
  return select(tail > 0.0, kSqrtTwo[0] * y, ends);
}

/// log Phi(x). For x < 0 it is log(erfcx(a) / 2) - x^2 / 2 with a = |x| / sqrt 2,
/// otherwise log1p(-erfc(a) / 2).
template <class V> V log_ndtr(V x) {
  using namespace detail;
  const mask_t<V> negative = x < 0.0;
  const V scaled = 0.5 * erfcx_nonnegative<V>(abs(x) * kSqrtHalf[0]);
  const auto square = two_product(x, x);
  const V upper = exp_of_sum<V>(-0.5 * square.hi, -0.5 * square.lo) * scaled;
  const auto u = fast_two_sum<V>(lit(x, 1.0), -upper);
  const auto y = log_of_sum<V>(select(negative, scaled, u.hi),
                               select(negative, 0.0, u.lo));
  const V low = y.hi + fma(-0.5 * x, x, y.lo);
  return select(negative, low, y.hi + y.lo);
}

} // namespace nuthatch::math
