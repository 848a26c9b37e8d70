#include "nuthatch/distributions/gamma.h"

#include "nuthatch/math.h"
#include "nuthatch/special.h"
#include "ppl/distributions/log_power.h"
#include "ppl/distributions/named_parameters.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch {
namespace {

class GammaDensity final : public detail::Family<GammaDensity, 2> {
 public:
  GammaDensity(const Tensor& concentration, const Tensor& rate, Where where)
      : Family("Gamma",
               {{"concentration", concentration, constraints::positive}, {"rate", rate, constraints::positive}}, {},
               where) {}
  Constraint support() const override { return constraints::positive; }
  detail::Terms terms(const Tensor& x) const override {
    return {detail::log_power(a(), log(x)), {x, -rate()}, {a() * log(rate()) - lgamma(a())}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return detail::standard_gamma(key, a(), shape) / rate();
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return a() / rate(); }
  Tensor variance() const override { return a() / square(rate()); }
  Tensor mode() const override { return maximum(a() - 1.0, 0.0) / rate(); }
  Tensor entropy() const override { return a() - log(rate()) + lgamma(a()) + (1.0 - a()) * digamma(a()); }
  Tensor cdf(const Tensor& x) const override { return igamma(a(), rate() * x); }
  Tensor survival(const Tensor& x) const override { return igammac(a(), rate() * x); }
  Tensor icdf(const Tensor& q) const override {
    const Tensor low = q < 0.5;
    return select(low, igamma_inv(a(), select(low, q, 0.25)), igammac_inv(a(), 1.0 - select(low, 0.75, q))) / rate();
  }

 private:
  const Tensor& a() const { return p(0); }
  const Tensor& rate() const { return p(1); }
};

Distribution named(const GammaParameters& o, Where where) {
  auto positive = [&](const char* name, const Tensor& x) -> const Tensor& {
    return detail::checked("Gamma", {name, x}, constraints::positive, where);
  };
  if (detail::one_of("Gamma", {{"mean", o.mean}, {"concentration", o.concentration}}, where) == 0) {
    Tensor variance = square(positive("sd", o.sd)), mean = positive("mean", o.mean);
    return Distribution(share<GammaDensity>(square(mean) / variance, mean / variance, where));
  }
  const bool by_scale = detail::one_of("Gamma", {{"rate", o.rate}, {"scale", o.scale}}, where) == 1;
  return Distribution(share<GammaDensity>(
      o.concentration, by_scale ? reciprocal(positive("scale", o.scale)) : o.rate, where));
}

} // namespace

Distribution Gamma::make(const Tensor& concentration, const Tensor& rate, Where where) {
  return Distribution(share<GammaDensity>(concentration, rate, where));
}

Gamma::Gamma(const GammaParameters& options, Where where) : Distribution(named(options, where)) {}

} // namespace nuthatch
