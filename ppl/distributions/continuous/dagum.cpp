#include "nuthatch/distributions/dagum.h"

#include <cmath>

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch {
namespace {

class DagumDensity final : public detail::Family<DagumDensity, 3> {
 public:
  DagumDensity(const Tensor& concentration, const Tensor& sharpness, const Tensor& scale, Where where)
      : Family("Dagum",
               {{"concentration", concentration, constraints::positive},
                {"sharpness", sharpness, constraints::positive},
                {"scale", scale, constraints::positive}},
               {}, where) {}
  Constraint support() const override { return constraints::positive; }
  detail::Terms terms(const Tensor& x) const override {
    Tensor log_x = log(x), z = a() * (log_x - log(scale()));
    return {{z, c()}, {log_x, -1.0}, {softplus(z), -(c() + 1.0)}, {log(a() * c())}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override { return icdf(detail::open_uniform(key, shape)); }
  bool has_rsample() const override { return true; }
  Tensor mean() const override {
    const Tensor finite = a() > 1.0;
    return select(finite, scale() * raw(1.0, finite), INFINITY);
  }
  Tensor variance() const override {
    const Tensor finite = a() > 2.0;
    return select(finite, square(scale()) * (raw(2.0, finite) - square(raw(1.0, finite))), INFINITY);
  }
  Tensor mode() const override {
    const Tensor product = a() * c(), inside = product > 1.0;
    return scale() * select(inside, exp(log((select(inside, product, 2.0) - 1.0) / (a() + 1.0)) / a()), 0.0);
  }
  Tensor support_point() const override { return icdf(0.5); }
  // With y = (x / scale)^a, E log y = psi(p) - psi(1) and E log(1 + y) = psi(p + 1) - psi(1).
  Tensor entropy() const override {
    Tensor product = a() * c();
    return log(scale() / product) - (product - 1.0) * (digamma(c()) + detail::kEuler) / a() +
           (c() + 1.0) * (digamma(c() + 1.0) + detail::kEuler);
  }
  Tensor cdf(const Tensor& x) const override { return exp(log_cdf(x)); }
  Tensor log_cdf(const Tensor& x) const override { return c() * log_sigmoid(a() * log(x / scale())); }
  Tensor survival(const Tensor& x) const override { return -expm1(log_cdf(x)); }
  Tensor icdf(const Tensor& q) const override {
    // log(q^(-1/p) - 1) with t = -log(q) / p: log(expm1(t)) = t + log(1 - exp(-t)).
    Tensor t = -log(q) / c();
    return scale() * exp(-(t + log1mexp(t)) / a());
  }

 private:
  const Tensor& c() const { return p(0); }
  const Tensor& a() const { return p(1); }
  const Tensor& scale() const { return p(2); }
  /// E (x / scale)^n for sharpness > n.
  Tensor raw(double n, const Tensor& finite) const {
    Tensor t = n / select(finite, a(), 4.0);
    return exp(lgamma(1.0 - t) + lgamma(c() + t) - lgamma(c()));
  }
};

} // namespace

Distribution Dagum::make(const Tensor& concentration, const Tensor& sharpness, const Tensor& scale, Where where) {
  return Distribution(share<DagumDensity>(concentration, sharpness, scale, where));
}

} // namespace nuthatch
