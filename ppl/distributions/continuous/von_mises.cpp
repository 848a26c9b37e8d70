#include "nuthatch/distributions/von_mises.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/math.h"
#include "nuthatch/special.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/implicit.h"
#include "ppl/distributions/quadrature.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch {
namespace {

class VonMisesDensity final : public detail::Family<VonMisesDensity, 2> {
 public:
  VonMisesDensity(const Tensor& loc, const Tensor& concentration, Where where)
      : Family("VonMises", {{"loc", loc, constraints::real}, {"concentration", concentration, constraints::positive}},
               {}, where) {}
  Constraint support() const override { return constraints::circular; }
  // k (cos d - 1) without the difference that cancels, and I0 scaled by exp(-k).
  detail::Terms terms(const Tensor& x) const override {
    return {{square(sin(0.5 * (x - loc()))), -2.0 * k()}, {-(log(bessel_i0e(k())) + 2.0 * detail::kHalfLogTwoPi)}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return detail::implicit_draw(*this, wrapped(loc() + detail::von_mises(key, k(), shape)));
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return wrapped(loc()); }
  Tensor variance() const override { return 1.0 - bessel_i1e(k()) / bessel_i0e(k()); }
  Tensor mode() const override { return wrapped(loc()); }
  Tensor entropy() const override {
    return log(bessel_i0e(k())) + 2.0 * detail::kHalfLogTwoPi + k() * (1.0 - bessel_i1e(k()) / bessel_i0e(k()));
  }
  // From -pi on: the distribution around the location, continued periodically.
  Tensor cdf(const Tensor& x) const override {
    Tensor m = wrapped(loc()), d = x - m, start = -detail::kPi - m;
    // Next to -pi the difference of the two cancels; there the density is integrated over the little that is between.
    Tensor length = x + detail::kPi, limit = minimum(0.5, rsqrt(k()));
    Tensor near = mass(start + zeros_like(d), clamp(length, 0.0, limit));
    return select(length < limit, near, clamp(continued(d) - continued(start + zeros_like(d)), 0.0, 1.0));
  }
  Tensor icdf(const Tensor& q) const override { return detail::quantile_by_search(*this, q, wrapped(loc())); }

 private:
  const Tensor& loc() const { return p(0); }
  const Tensor& k() const { return p(1); }
  static Tensor wrapped(const Tensor& angle) { return angle - 2.0 * detail::kPi * round(angle / (2.0 * detail::kPi)); }
  /// Mass between 0 and the angle d around the location, which grows by 1 per turn.
  Tensor continued(const Tensor& d) const {
    Tensor turns = round(d / (2.0 * detail::kPi)), a = d - 2.0 * detail::kPi * turns, tail = beyond(abs(a));
    return turns + select(a < 0.0, tail - 0.5, 0.5 - tail);
  }
  /// Mass between the angle a >= 0 and pi; what lies further than 9 / sqrt(k) has no weight.
  Tensor beyond(const Tensor& a) const {
    Tensor length = minimum(detail::kPi - a, 9.0 * rsqrt(k()));
    return mass(a + zeros_like(length), length);
  }
  /// Mass between the angles from and from + length around the location.
  Tensor mass(const Tensor& from, const Tensor& length) const {
    Tensor n = expand_dims(k() + zeros_like(from + length), -1);
    Tensor area = detail::integral([&](const Tensor& t) { return exp(-2.0 * n * square(sin(0.5 * t))); }, from, length);
    return area / (2.0 * detail::kPi * bessel_i0e(k()));
  }
};

} // namespace

Distribution VonMises::make(const Tensor& loc, const Tensor& concentration, Where where) {
  return Distribution(share<VonMisesDensity>(loc, concentration, where));
}

} // namespace nuthatch
