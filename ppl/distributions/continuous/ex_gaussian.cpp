#include "nuthatch/distributions/ex_gaussian.h"

#include <cmath>

#include "nuthatch/math.h"
#include "nuthatch/special.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/implicit.h"
#include "ppl/distributions/named_parameters.h"
#include "ppl/distributions/quantile_entropy.h"
#include "ppl/distributions/roots.h"

namespace nuthatch {
namespace {

/// With z = (x - loc) / scale and r = scale / nu the density is phi(z) Phi(z - r) / phi(z - r) / nu: the quotient of
/// Phi and phi, Mills' ratio of r - z, is sqrt(pi / 2) erfcx((r - z) / sqrt(2)).
class ExGaussianDensity final : public detail::Family<ExGaussianDensity, 3> {
 public:
  ExGaussianDensity(const Tensor& loc, const Tensor& scale, const Tensor& nu, Where where)
      : Family("ExGaussian",
               {{"loc", loc, constraints::real},
                {"scale", scale, constraints::positive},
                {"nu", nu, constraints::positive}},
               {}, where) {}
  Constraint support() const override { return constraints::real; }
  Tensor log_prob(const Tensor& x) const override {
    Tensor y = z(x);
    return log_exponential_part(y) - log(nu());
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    auto [k_normal, k_exponential] = split<2>(key);
    return loc() + scale() * nuthatch::normal(k_normal, shape) + nu() * nuthatch::exponential(k_exponential, shape);
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return loc() + nu(); }
  Tensor variance() const override { return square(scale()) + square(nu()); }
  /// Where phi(t) / Phi(t) = r at t = z - r, r = scale / nu; in logarithms, since both may be tiny.
  Tensor mode() const override {
    const Tensor r = scale() / nu(), log_r = log(r);
    auto excess = [&](const Tensor& t) { return -0.5 * square(t) - detail::kHalfLogTwoPi - log_ndtr(t) - log_r; };
    auto slope = [&](const Tensor& t) { return -t - exp(-0.5 * square(t) - detail::kHalfLogTwoPi - log_ndtr(t)); };
    return loc() + scale() * (r + detail::root_of_falling(excess, slope, -r - 2.0, sqrt(2.0 * maximum(-log_r, 0.0)) + 2.0));
  }
  Tensor entropy() const override { return detail::entropy_by_quantiles(*this); }
  Tensor cdf(const Tensor& x) const override {
    // On the left as phi(z) times the difference of two of Mills' ratios, which share their largest rounding error.
    const Tensor y = z(x), left = y < 0.0, t = select(left, -y, 1.0);
    Tensor ratios = erfcx(t * std::sqrt(0.5)) - erfcx((t + scale() / nu()) * std::sqrt(0.5));
    return select(left, 0.5 * exp(-0.5 * square(t)) * ratios, ndtr(y) - exp(log_exponential_part(y)));
  }
  Tensor survival(const Tensor& x) const override {
    Tensor y = z(x);
    return ndtr(-y) + exp(log_exponential_part(y));
  }
  Tensor icdf(const Tensor& q) const override { return detail::quantile_by_search(*this, q, mean()); }

 private:
  const Tensor& loc() const { return p(0); }
  const Tensor& scale() const { return p(1); }
  const Tensor& nu() const { return p(2); }
  Tensor z(const Tensor& x) const { return (x - loc()) / scale(); }
  /// log(phi(z) Phi(z - r) / phi(z - r)) = r^2 / 2 - r z + log Phi(z - r).
  Tensor log_exponential_part(const Tensor& y) const {
    const Tensor r = scale() / nu(), t = y - r, left = t < 0.0;
    Tensor ratio = log(0.5 * erfcx(select(left, -t, 0.0) * std::sqrt(0.5)));
    return select(left, -0.5 * square(y) + ratio, r * (0.5 * r - y) + log_ndtr(select(left, 0.0, t)));
  }
};

Distribution named(const ExGaussianParameters& o, Where where) {
  const bool by_rate = detail::one_of("ExGaussian", {{"nu", o.nu}, {"rate", o.rate}}, where) == 1;
  return Distribution(share<ExGaussianDensity>(
      detail::or_zero(o.loc), detail::required("ExGaussian", {"scale", o.scale}, where),
      by_rate ? reciprocal(detail::checked("ExGaussian", {"rate", o.rate}, constraints::positive, where)) : o.nu,
      where));
}

} // namespace

Distribution ExGaussian::make(const Tensor& loc, const Tensor& scale, const Tensor& nu, Where where) {
  return Distribution(share<ExGaussianDensity>(loc, scale, nu, where));
}

ExGaussian::ExGaussian(const ExGaussianParameters& options, Where where) : Distribution(named(options, where)) {}

} // namespace nuthatch
