// What the incomplete gamma and beta functions are composed of: the gamma function without its dominating factor, and
// elementary functions without their linear term.
#pragma once

#include "ir/math/coefficients.h"
#include "ir/math/concept.h"
#include "ir/math/exp.h"
#include "ir/math/gamma.h"
#include "ir/math/log.h"
#include "ir/math/polynomial.h"
#include "ir/math/pow.h"

namespace nuthatch::math::detail {

inline constexpr double kInverseTwoPi = 0.15915494309189535;

/// e^-kNothingLeft does not count against 1.
inline constexpr double kNothingLeft = 40.0;

/// (x.hi + x.lo) y.
template <class V> Double<V> product(const Double<V> &x, const V &y) {
  const V hi = x.hi * y;
  return {hi, fma(x.lo, y, fma(x.hi, y, -hi))};
}

/// From here on Stirling's series is accurate.
inline constexpr double kStirlingFrom = 4.5;

/// log(1 + x) - x without cancellation near 0.
template <class V> V log1p_minus(const V &x, const V &log1p_x) {
  const V s = x / (2.0 + x);
  const V z = s * s;
  const V near = -s * fma(-z, polynomial(z, kLogUpToTwo), x);
  return select((x > -0.5) & (x < 1.0), near, log1p_x - x);
}
template <class V> V log1p_minus(const V &x) { return log1p_minus<V>(x, log1p(x)); }

/// e^x - 1 - x without cancellation near 0.
template <class V> V expm1_minus(const V &x, const V &expm1_x) {
  const V near = (x * x) * polynomial(x, kExp);
  return select(abs(x) < 0.34, near, expm1_x - x);
}
template <class V> V expm1_minus(const V &x) { return expm1_minus<V>(x, expm1(x)); }

/// Gamma(x) / (sqrt(2 pi / x) (x / e)^x) for x >= kStirlingFrom: 1 + 1 / (12 x) + ...
template <class V> V log_stirling_factor(const V &x) {
  const V inverse = 1.0 / x;
  return inverse * polynomial(inverse * inverse, kLgammaSeries);
}

/// lgamma(1 + x) for x >= 0, accurate relative to the result.
template <class V> V lgamma_1p(const V &x) {
  const V tiny = at_most(x, 0.5);
  const V near = tiny * horner(tiny, kLgammaNear) - log1p(tiny);
  return select(x < 0.5, near, lgamma_right<V>(x + 1.0));
}

/// log x - digamma(x), which is 1 / (2x) + ... for large x.
template <class V> V log_minus_digamma(const V &x) {
  const mask_t<V> large = x >= kStirlingFrom;
  return where_rare(!large, digamma_series<V>(1.0 / select(large, x, kStirlingFrom)), [&] { return log(x) - digamma(x); });
}

/// Gamma(b) / Gamma(a + b) as its logarithm, lgamma(a + b) - lgamma(b), for b >= kStirlingFrom and 0 <= a <= kStirlingFrom.
template <class V> V lgamma_step(const V &a, const V &b) {
  const V sum = a + b, q = a / b;
  const V series = log_stirling_factor(sum) - log_stirling_factor(b);
  // (b - 1/2) log(1 + q) + a log(a + b) - a, and b q = a
  return fma(b, log1p_minus(q), -0.5 * log1p(q)) + fma(a, log(sum), series);
}

} // namespace nuthatch::math::detail
