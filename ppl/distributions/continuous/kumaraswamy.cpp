#include "nuthatch/distributions/kumaraswamy.h"

#include <cmath>

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/log_power.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch {
namespace {

class KumaraswamyDensity final : public detail::Family<KumaraswamyDensity, 2> {
 public:
  KumaraswamyDensity(const Tensor& concentration1, const Tensor& concentration0, Where where)
      : Family("Kumaraswamy",
               {{"concentration1", concentration1, constraints::positive},
                {"concentration0", concentration0, constraints::positive}},
               {}, where) {}
  Constraint support() const override { return constraints::unit_interval; }
  detail::Terms terms(const Tensor& x) const override {
    Tensor y = log(x);
    return {detail::log_power(a(), y), detail::log_power(b(), log1mexp(-a() * y)), {log(a() * b())}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override { return icdf(detail::open_uniform(key, shape)); }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return exp(log_raw(1.0)); }
  Tensor variance() const override { return exp(log_raw(2.0)) - exp(2.0 * log_raw(1.0)); }
  Tensor mode() const override {
    const Tensor inside = (a() >= 1.0) & (b() >= 1.0) & (a() * b() > 1.0), sa = select(inside, a(), 2.0),
                 sb = select(inside, b(), 2.0);
    return select(inside, exp(log((sa - 1.0) / (sa * sb - 1.0)) / sa), select(b() < 1.0, 1.0, 0.0));
  }
  Tensor entropy() const override {
    return (1.0 - 1.0 / b()) + (1.0 - 1.0 / a()) * (digamma(b() + 1.0) + detail::kEuler) - log(a() * b());
  }
  Tensor cdf(const Tensor& x) const override { return -expm1(log_survival(x)); }
  Tensor survival(const Tensor& x) const override { return exp(log_survival(x)); }
  Tensor log_survival(const Tensor& x) const override { return b() * log1mexp(-a() * log(x)); }
  Tensor icdf(const Tensor& q) const override { return exp(log1mexp(-log1p(-q) / b()) / a()); }

 private:
  const Tensor& a() const { return p(0); }
  const Tensor& b() const { return p(1); }
  /// log E x^n = log(b B(1 + n / a, b)).
  Tensor log_raw(double n) const { return log(b()) + betaln(1.0 + n / a(), b()); }
};

} // namespace

Distribution Kumaraswamy::make(const Tensor& concentration1, const Tensor& concentration0, Where where) {
  return Distribution(share<KumaraswamyDensity>(concentration1, concentration0, where));
}

} // namespace nuthatch
