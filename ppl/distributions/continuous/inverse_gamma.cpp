#include "nuthatch/distributions/inverse_gamma.h"

#include <cmath>

#include "nuthatch/math.h"
#include "nuthatch/special.h"
#include "ppl/distributions/named_parameters.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch {
namespace {

class InverseGammaDensity final : public detail::Family<InverseGammaDensity, 2> {
 public:
  InverseGammaDensity(const Tensor& concentration, const Tensor& rate, Where where)
      : Family("InverseGamma",
               {{"concentration", concentration, constraints::positive}, {"rate", rate, constraints::positive}}, {},
               where) {}
  Constraint support() const override { return constraints::positive; }
  detail::Terms terms(const Tensor& x) const override {
    return {{log(x), -(a() + 1.0)}, {reciprocal(x), -rate()}, {a() * log(rate()) - lgamma(a())}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return rate() * exp(-detail::log_standard_gamma(key, a(), shape));
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override {
    const Tensor finite = a() > 1.0;
    return select(finite, rate() / (select(finite, a(), 2.0) - 1.0), INFINITY);
  }
  Tensor variance() const override {
    const Tensor finite = a() > 2.0, s = select(finite, a(), 3.0);
    return select(finite, square(rate() / (s - 1.0)) / (s - 2.0), INFINITY);
  }
  Tensor mode() const override { return rate() / (a() + 1.0); }
  Tensor support_point() const override { return rate() / (a() + 1.0); }
  Tensor entropy() const override { return a() + log(rate()) + lgamma(a()) - (1.0 + a()) * digamma(a()); }
  Tensor cdf(const Tensor& x) const override { return igammac(a(), rate() / x); }
  Tensor survival(const Tensor& x) const override { return igamma(a(), rate() / x); }
  Tensor icdf(const Tensor& q) const override {
    const Tensor low = q < 0.5;
    return rate() / select(low, igammac_inv(a(), select(low, q, 0.25)), igamma_inv(a(), 1.0 - select(low, 0.75, q)));
  }

 private:
  const Tensor& a() const { return p(0); }
  const Tensor& rate() const { return p(1); }
};

Distribution named(const InverseGammaParameters& o, Where where) {
  if (detail::one_of("InverseGamma", {{"mean", o.mean}, {"concentration", o.concentration}}, where) == 1)
    return Distribution(share<InverseGammaDensity>(
        o.concentration, detail::required("InverseGamma", {"rate", o.rate}, where), where));
  Tensor mean = detail::checked("InverseGamma", {"mean", o.mean}, constraints::positive, where);
  Tensor sd = detail::checked("InverseGamma", {"sd", o.sd}, constraints::positive, where);
  Tensor above_one = 1.0 + square(mean / sd);
  return Distribution(share<InverseGammaDensity>(above_one + 1.0, mean * above_one, where));
}

} // namespace

Distribution InverseGamma::make(const Tensor& concentration, const Tensor& rate, Where where) {
  return Distribution(share<InverseGammaDensity>(concentration, rate, where));
}

InverseGamma::InverseGamma(const InverseGammaParameters& options, Where where) : Distribution(named(options, where)) {}

} // namespace nuthatch
