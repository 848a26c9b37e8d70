#include "nuthatch/distributions/rice.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/math.h"
#include "nuthatch/special.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/implicit.h"
#include "ppl/distributions/named_parameters.h"
#include "ppl/distributions/quadrature.h"
#include "ppl/distributions/quantile_entropy.h"
#include "ppl/distributions/roots.h"

namespace nuthatch {
namespace {

class RiceDensity final : public detail::Family<RiceDensity, 2> {
 public:
  RiceDensity(const Tensor& nu, const Tensor& sigma, Where where)
      : Family("Rice", {{"nu", nu, constraints::nonnegative}, {"sigma", sigma, constraints::positive}}, {}, where) {}
  Constraint support() const override { return constraints::positive; }
  Tensor log_prob(const Tensor& x) const override { return log_density(x, nu(), sigma()); }
  Tensor sample(const Key& key, const Shape& shape) const override {
    auto [k0, k1] = split<2>(key);
    return sqrt(square(nu() + sigma() * nuthatch::normal(k0, shape)) + square(sigma() * nuthatch::normal(k1, shape)));
  }
  bool has_rsample() const override { return true; }
  // sigma sqrt(pi / 2) L(-b^2 / 2), L the Laguerre function of order 1/2.
  Tensor mean() const override {
    Tensor h = 0.5 * square(nu() / sigma());
    return sigma() * std::sqrt(0.5 * detail::kPi) * ((1.0 + h) * bessel_i0e(0.5 * h) + h * bessel_i1e(0.5 * h));
  }
  Tensor variance() const override { return 2.0 * square(sigma()) + square(nu()) - square(mean()); }
  /// 1 / y - y + b I1(b y) / I0(b y) = 0 at y = x / sigma, b = nu / sigma: between 1 and b + 1.
  Tensor mode() const override {
    const Tensor b = nu() / sigma();
    auto ratio = [&](const Tensor& y) { return bessel_i1e(b * y) / bessel_i0e(b * y); };
    auto excess = [&](const Tensor& y) { return 1.0 / y - y + b * ratio(y); };
    auto slope = [&](const Tensor& y) {
      const Tensor r = ratio(y), z = b * y, some = z > 0.0;  // the ratio's derivative is 1 - r / z - r^2, 1/2 at 0
      return -1.0 / square(y) - 1.0 + square(b) * select(some, 1.0 - r / select(some, z, 1.0) - square(r), 0.5);
    };
    return sigma() * detail::root_of_falling(excess, slope, 1.0, b + 1.0);
  }
  Tensor entropy() const override { return detail::entropy_by_quantiles(*this); }
  Tensor cdf(const Tensor& x) const override {
    const Tensor low = x < centre();
    Tensor tail = mass(x, low);
    return select(low, tail, 1.0 - tail);
  }
  Tensor survival(const Tensor& x) const override {
    const Tensor low = x < centre();
    Tensor tail = mass(x, low);
    return select(low, 1.0 - tail, tail);
  }
  Tensor icdf(const Tensor& q) const override { return detail::quantile_by_search(*this, q, centre()); }

 private:
  const Tensor& nu() const { return p(0); }
  const Tensor& sigma() const { return p(1); }
  Tensor centre() const { return sqrt(square(nu()) + square(sigma())); }
  static Tensor log_density(const Tensor& x, const Tensor& nu, const Tensor& sigma) {
    return log(x) - 2.0 * log(sigma) - 0.5 * square((x - nu) / sigma) + log(bessel_i0e(x / sigma * (nu / sigma)));
  }
  /// The mass left of x where `low`, right of it elsewhere: what lies beyond 10 sigma has no weight.
  Tensor mass(const Tensor& x, const Tensor& low) const {
    Tensor length = select(low, minimum(x, 10.0 * sigma()), 10.0 * sigma()),
           from = select(low, x - length, x + zeros_like(length));
    Tensor n = expand_dims(nu() + zeros_like(from), -1), s = expand_dims(sigma() + zeros_like(from), -1);
    return detail::integral([&](const Tensor& t) { return exp(log_density(t, n, s)); }, from, length);
  }
};

Distribution named(const RiceParameters& o, Where where) {
  const Tensor& sigma = detail::checked("Rice", {"sigma", o.sigma}, constraints::positive, where);
  const bool by_ratio = detail::one_of("Rice", {{"nu", o.nu}, {"b", o.b}}, where) == 1;
  return Distribution(share<RiceDensity>(
      by_ratio ? detail::checked("Rice", {"b", o.b}, constraints::nonnegative, where) * sigma : o.nu, sigma, where));
}

} // namespace

Distribution Rice::make(const Tensor& nu, const Tensor& sigma, Where where) {
  return Distribution(share<RiceDensity>(nu, sigma, where));
}

Rice::Rice(const RiceParameters& options, Where where) : Distribution(named(options, where)) {}

} // namespace nuthatch
