#include "nuthatch/distributions/rice.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/math.h"
#include "nuthatch/special.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/implicit.h"
#include "ppl/distributions/named_parameters.h"
#include "ppl/distributions/quadrature.h"

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
  return Distribution(std::make_shared<RiceDensity>(
      by_ratio ? detail::checked("Rice", {"b", o.b}, constraints::nonnegative, where) * sigma : o.nu, sigma, where));
}

} // namespace

Distribution Rice::make(const Tensor& nu, const Tensor& sigma, Where where) {
  return Distribution(std::make_shared<RiceDensity>(nu, sigma, where));
}

Rice::Rice(const RiceParameters& options, Where where) : Distribution(named(options, where)) {}

} // namespace nuthatch
