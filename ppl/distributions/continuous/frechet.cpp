#include "nuthatch/distributions/frechet.h"

#include <cmath>

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"

namespace nuthatch {
namespace {

class FrechetDensity final : public detail::Family<FrechetDensity, 2> {
 public:
  FrechetDensity(const Tensor& scale, const Tensor& concentration, Where where)
      : Family("Frechet",
               {{"scale", scale, constraints::positive}, {"concentration", concentration, constraints::positive}}, {},
               where) {}
  Constraint support() const override { return constraints::positive; }
  detail::Terms terms(const Tensor& x) const override {
    Tensor y = log(x) - log(scale());
    return {{y, -(k() + 1.0)}, {exp(-k() * y), -1.0}, {log(k()) - log(scale())}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return scale() * exp(nuthatch::gumbel(key, shape) / k());
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return moment(1.0, scale()); }
  Tensor variance() const override {
    const Tensor finite = k() > 2.0, safe = select(finite, k(), 3.0), first = 2.0 * lgamma(1.0 - 1.0 / safe);
    return select(finite, square(scale()) * exp(first) * expm1(lgamma(1.0 - 2.0 / safe) - first), INFINITY);
  }
  Tensor mode() const override { return scale() * exp(-log1p(1.0 / k()) / k()); }
  Tensor entropy() const override { return 1.0 + detail::kEuler * (1.0 + 1.0 / k()) + log(scale() / k()); }
  Tensor cdf(const Tensor& x) const override { return exp(-hazard(x)); }
  Tensor log_cdf(const Tensor& x) const override { return -hazard(x); }
  Tensor survival(const Tensor& x) const override { return -expm1(-hazard(x)); }
  Tensor icdf(const Tensor& q) const override { return scale() * exp(-log(-log(q)) / k()); }

 private:
  const Tensor& scale() const { return p(0); }
  const Tensor& k() const { return p(1); }
  Tensor hazard(const Tensor& x) const { return exp(-k() * log(x / scale())); }
  Tensor moment(double order, const Tensor& unit) const {
    const Tensor finite = k() > order;
    return select(finite, unit * exp(lgamma(1.0 - order / select(finite, k(), order + 1.0))), INFINITY);
  }
};

} // namespace

Distribution Frechet::make(const Tensor& scale, const Tensor& concentration, Where where) {
  return Distribution(share<FrechetDensity>(scale, concentration, where));
}

} // namespace nuthatch
