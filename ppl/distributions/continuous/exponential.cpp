#include "nuthatch/distributions/exponential.h"

#include "nuthatch/math.h"

namespace nuthatch {
namespace {

class ExponentialDensity final : public detail::Family<ExponentialDensity, 1> {
 public:
  ExponentialDensity(const Tensor& rate, Where where)
      : Family("Exponential", {{"rate", rate, constraints::positive}}, {}, where) {}
  Constraint support() const override { return constraints::nonnegative; }
  detail::Terms terms(const Tensor& x) const override { return {{x, -rate()}, {log(rate())}}; }
  Tensor sample(const Key& key, const Shape& shape) const override { return nuthatch::exponential(key, shape) / rate(); }
  Tensor mean() const override { return 1.0 / rate(); }
  Tensor variance() const override { return 1.0 / square(rate()); }
  Tensor cdf(const Tensor& x) const override { return -expm1(-rate() * maximum(x, 0.0)); }
  Tensor icdf(const Tensor& q) const override { return -log1p(-q) / rate(); }
  Tensor entropy() const override { return 1.0 - log(rate()); }

 private:
  const Tensor& rate() const { return p(0); }
};

}  // namespace

Distribution Exponential::make(const Tensor& rate, Where where) {
  return Distribution(std::make_shared<ExponentialDensity>(rate, where));
}

}  // namespace nuthatch
