#include "nuthatch/distributions/log_logistic.h"

#include <cmath>

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch {
namespace {

class LogLogisticDensity final : public detail::Family<LogLogisticDensity, 2> {
 public:
  LogLogisticDensity(const Tensor& scale, const Tensor& concentration, Where where)
      : Family("LogLogistic",
               {{"scale", scale, constraints::positive}, {"concentration", concentration, constraints::positive}}, {},
               where) {}
  Constraint support() const override { return constraints::positive; }
  detail::Terms terms(const Tensor& x) const override {
    Tensor log_x = log(x), z = k() * (log_x - log(scale()));
    return {{z}, {log_x, -1.0}, {softplus(z), -2.0}, {log(k())}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override { return icdf(detail::open_uniform(key, shape)); }
  bool has_rsample() const override { return true; }
  Tensor mean() const override {
    const Tensor finite = k() > 1.0;
    return select(finite, scale() * raw(1.0, finite), INFINITY);
  }
  Tensor variance() const override {
    const Tensor finite = k() > 2.0;
    return select(finite, square(scale()) * (raw(2.0, finite) - square(raw(1.0, finite))), INFINITY);
  }
  Tensor mode() const override {
    const Tensor inside = k() > 1.0, safe = select(inside, k(), 2.0);
    return scale() * select(inside, exp(log((safe - 1.0) / (safe + 1.0)) / safe), 0.0);
  }
  Tensor support_point() const override { return scale(); }
  Tensor entropy() const override { return log(scale() / k()) + 2.0; }
  Tensor cdf(const Tensor& x) const override { return sigmoid(z(x)); }
  Tensor log_cdf(const Tensor& x) const override { return log_sigmoid(z(x)); }
  Tensor survival(const Tensor& x) const override { return sigmoid(-z(x)); }
  Tensor log_survival(const Tensor& x) const override { return log_sigmoid(-z(x)); }
  Tensor icdf(const Tensor& q) const override { return scale() * exp((log(q) - log1p(-q)) / k()); }

 private:
  const Tensor& scale() const { return p(0); }
  const Tensor& k() const { return p(1); }
  Tensor z(const Tensor& x) const { return k() * log(x / scale()); }
  /// E (x / scale)^n = (n pi / k) / sin(n pi / k) for k > n.
  Tensor raw(double n, const Tensor& finite) const {
    Tensor angle = n * detail::kPi / select(finite, k(), 4.0);
    return angle / sin(angle);
  }
};

} // namespace

Distribution LogLogistic::make(const Tensor& scale, const Tensor& concentration, Where where) {
  return Distribution(share<LogLogisticDensity>(scale, concentration, where));
}

} // namespace nuthatch
