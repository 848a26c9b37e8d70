// Modified Bessel functions of the first kind, scaled by e^-|x|.
#pragma once

#include "ir/math/coefficients.h"
#include "ir/math/concept.h"
#include "ir/math/exp.h"
#include "ir/math/polynomial.h"

namespace nuthatch::math {
namespace detail {

/// e^-a I(a) for a >= 0 from the polynomials of one order: the power series below 10, in 1/a beyond.
template <class V, std::size_t N, std::size_t M>
V bessel_scaled(const V &a, const V &leading, const double (&near)[N], const double (&far)[M]) {
  const V z = (0.25 * a) * a;
  const V series = leading * exp(-a) * fma(z, polynomial(z, near), 1.0);
  const V t = 1.0 / a;
  return select(a < 10.0, series, horner(t, far) * sqrt(t));
}

} // namespace detail

/// e^-|x| I0(x).
template <class V> V bessel_i0e(V x) {
  const V a = abs(x);
  return detail::bessel_scaled<V>(a, lit(x, 1.0), detail::kBesselI0Near, detail::kBesselI0Far);
}

/// e^-|x| I1(x), an odd function.
template <class V> V bessel_i1e(V x) {
  const V a = abs(x);
  return copysign(detail::bessel_scaled<V>(a, 0.5 * a, detail::kBesselI1Near, detail::kBesselI1Far), x);
}

} // namespace nuthatch::math
