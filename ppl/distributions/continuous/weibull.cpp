#include "nuthatch/distributions/weibull.h"

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/log_power.h"

namespace nuthatch {
namespace {

class WeibullDensity final : public detail::Family<WeibullDensity, 2> {
 public:
  WeibullDensity(const Tensor& scale, const Tensor& concentration, Where where)
      : Family("Weibull",
               {{"scale", scale, constraints::positive}, {"concentration", concentration, constraints::positive}}, {},
               where) {}
  Constraint support() const override { return constraints::positive; }
  detail::Terms terms(const Tensor& x) const override {
    Tensor y = log(x) - log(scale());
    return {detail::log_power(k(), y), {exp(k() * y), -1.0}, {log(k()) - log(scale())}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return scale() * exp(log(nuthatch::exponential(key, shape)) / k());
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return scale() * exp(lgamma(1.0 + 1.0 / k())); }
  Tensor variance() const override {
    Tensor first = 2.0 * lgamma(1.0 + 1.0 / k());
    return square(scale()) * exp(first) * expm1(lgamma(1.0 + 2.0 / k()) - first);
  }
  Tensor mode() const override {
    const Tensor inside = k() > 1.0, safe = select(inside, k(), 2.0);
    return scale() * select(inside, exp(log1p(-1.0 / safe) / safe), 0.0);
  }
  Tensor entropy() const override { return detail::kEuler * (1.0 - 1.0 / k()) + log(scale() / k()) + 1.0; }
  Tensor cdf(const Tensor& x) const override { return -expm1(-hazard(x)); }
  Tensor survival(const Tensor& x) const override { return exp(-hazard(x)); }
  Tensor log_survival(const Tensor& x) const override { return -hazard(x); }
  Tensor icdf(const Tensor& q) const override { return scale() * exp(log(-log1p(-q)) / k()); }

 private:
  const Tensor& scale() const { return p(0); }
  const Tensor& k() const { return p(1); }
  Tensor hazard(const Tensor& x) const { return exp(k() * log(x / scale())); }
};

} // namespace

Distribution Weibull::make(const Tensor& scale, const Tensor& concentration, Where where) {
  return Distribution(share<WeibullDensity>(scale, concentration, where));
}

} // namespace nuthatch
