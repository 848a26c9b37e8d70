#include "nuthatch/distributions/generalized_extreme_value.h"

#include <cmath>

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/ratios.h"

namespace nuthatch {
namespace {

class GeneralizedExtremeValueDensity final : public detail::Family<GeneralizedExtremeValueDensity, 3> {
 public:
  GeneralizedExtremeValueDensity(const Tensor& loc, const Tensor& scale, const Tensor& shape, Where where)
      : Family("GeneralizedExtremeValue",
               {{"loc", loc, constraints::real},
                {"scale", scale, constraints::positive},
                {"shape", shape, constraints::real}},
               {}, where) {}
  Constraint support() const override { return constraints::real; }
  Tensor log_prob(const Tensor& x) const override {
    const Tensor inside = 1.0 + shape() * z(x) > 0.0, u = gumbel_value(x);
    return select(inside, -log(scale()) - (1.0 + shape()) * u - exp(-u), -INFINITY);
  }
  Tensor sample(const Key& key, const Shape& shape) const override { return at(nuthatch::gumbel(key, shape)); }
  bool has_rsample() const override { return true; }
  Tensor mean() const override {
    // (gamma(1 - k) - 1) / k.
    const Tensor finite = shape() < 1.0, k = select(finite, shape(), 0.0), r = detail::lgamma_ratio(k);
    return select(finite, loc() + scale() * r * detail::expm1_ratio(k * r), INFINITY);
  }
  Tensor variance() const override {
    // (gamma(1 - 2 k) - gamma(1 - k)^2) / k^2.
    const Tensor finite = shape() < 0.5, k = select(finite, shape(), 0.0), c = detail::lgamma_curvature(k);
    return select(finite,
                  square(scale()) * exp(2.0 * k * detail::lgamma_ratio(k)) * c * detail::expm1_ratio(square(k) * c),
                  INFINITY);
  }
  /// The upper end when the density rises, for shape <= -1.
  Tensor mode() const override {
    const Tensor rising = shape() <= -1.0;
    return select(rising, loc() - scale() / select(rising, shape(), -1.0), at(-log1p(select(rising, 0.0, shape()))));
  }
  Tensor support_point() const override { return at(-std::log(std::log(2.0))); }
  Tensor entropy() const override { return log(scale()) + detail::kEuler * (1.0 + shape()) + 1.0; }
  Tensor cdf(const Tensor& x) const override { return exp(log_cdf(x)); }
  Tensor log_cdf(const Tensor& x) const override { return -hazard(x); }
  Tensor survival(const Tensor& x) const override { return -expm1(-hazard(x)); }
  Tensor icdf(const Tensor& q) const override { return at(-log(-log(q))); }

 private:
  const Tensor& loc() const { return p(0); }
  const Tensor& scale() const { return p(1); }
  const Tensor& shape() const { return p(2); }
  Tensor z(const Tensor& x) const { return (x - loc()) / scale(); }
  /// log(1 + shape z) / shape: the value of a standard Gumbel variable that gives x; anything outside of the support.
  Tensor gumbel_value(const Tensor& x) const {
    const Tensor s = z(x), t = shape() * s, inside = t > -1.0;
    return select(inside, s, 0.0) * detail::log1p_ratio(select(inside, t, 0.0));
  }
  Tensor at(const Tensor& y) const { return loc() + scale() * y * detail::expm1_ratio(shape() * y); }
  /// -log F: infinite below the support, 0 above it.
  Tensor hazard(const Tensor& x) const {
    return select(1.0 + shape() * z(x) > 0.0, exp(-gumbel_value(x)), select(shape() > 0.0, INFINITY, 0.0));
  }
};

} // namespace

Distribution GeneralizedExtremeValue::make(const Tensor& loc, const Tensor& scale, const Tensor& shape, Where where) {
  return Distribution(share<GeneralizedExtremeValueDensity>(loc, scale, shape, where));
}

} // namespace nuthatch
