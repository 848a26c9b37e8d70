#include "nuthatch/distributions/gompertz.h"

#include "nuthatch/math.h"
#include "ppl/distributions/exponential_integral.h"
#include "ppl/distributions/quantile_quadrature.h"

namespace nuthatch {
namespace {

class GompertzDensity final : public detail::Family<GompertzDensity, 2> {
 public:
  GompertzDensity(const Tensor& concentration, const Tensor& rate, Where where)
      : Family("Gompertz",
               {{"concentration", concentration, constraints::positive}, {"rate", rate, constraints::positive}}, {},
               where) {}
  Constraint support() const override { return constraints::positive; }
  detail::Terms terms(const Tensor& x) const override {
    Tensor y = rate() * x;
    return {{y}, {expm1(y), -c()}, {log(c() * rate())}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return log1p(nuthatch::exponential(key, shape) / c()) / rate();
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return detail::scaled_exponential_integral(c()) / rate(); }
  Tensor variance() const override {
    const Tensor m = mean();
    return detail::integrate_quantiles(batch_shape, [&](const Tensor& u, const Tensor& complement) {
      const Tensor low = u < 0.5, hazard = select(low, -log1p(-select(low, u, 0.5)), -log(complement));
      return square(log1p(hazard / c()) / rate() - m);
    });
  }
  Tensor mode() const override { return maximum(-log(c()), 0.0) / rate(); }
  // The cumulative hazard of a value is exponential with mean 1.
  Tensor entropy() const override { return 1.0 - detail::scaled_exponential_integral(c()) - log(c() * rate()); }
  Tensor cdf(const Tensor& x) const override { return -expm1(log_survival(x)); }
  Tensor survival(const Tensor& x) const override { return exp(log_survival(x)); }
  Tensor log_survival(const Tensor& x) const override { return -c() * expm1(rate() * x); }
  Tensor icdf(const Tensor& q) const override { return log1p(-log1p(-q) / c()) / rate(); }

 private:
  const Tensor& c() const { return p(0); }
  const Tensor& rate() const { return p(1); }
};

} // namespace

Distribution Gompertz::make(const Tensor& concentration, const Tensor& rate, Where where) {
  return Distribution(share<GompertzDensity>(concentration, rate, where));
}

} // namespace nuthatch
