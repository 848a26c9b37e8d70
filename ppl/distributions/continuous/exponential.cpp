#include "nuthatch/distributions/exponential.h"

#include "nuthatch/math.h"
#include "ppl/distributions/named_parameters.h"
#include "ppl/distributions/standardized.h"

namespace nuthatch {
namespace {

class ExponentialDensity final : public detail::Family<ExponentialDensity, 1> {
 public:
  ExponentialDensity(const Tensor& rate, Where where)
      : Family("Exponential", {{"rate", rate, constraints::positive}}, {}, where) {}
  Constraint support() const override { return constraints::nonnegative; }
  detail::Terms terms(const Tensor& x) const override { return {{x, -rate()}, {log(rate())}}; }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return nuthatch::exponential(key, shape) / rate();
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return reciprocal(rate()); }
  Tensor variance() const override { return reciprocal(square(rate())); }
  Tensor mode() const override { return 0.0; }
  Tensor entropy() const override { return 1.0 - log(rate()); }
  Tensor cdf(const Tensor& x) const override { return -expm1(-rate() * x); }
  Tensor survival(const Tensor& x) const override { return exp(-rate() * x); }
  Tensor log_survival(const Tensor& x) const override { return -rate() * x; }
  Tensor icdf(const Tensor& q) const override { return -log1p(-q) / rate(); }

 private:
  const Tensor& rate() const { return p(0); }
};

Distribution named(const ExponentialParameters& o, Where where) {
  const bool by_scale = detail::one_of("Exponential", {{"rate", o.rate}, {"scale", o.scale}}, where) == 1;
  return Distribution(share<ExponentialDensity>(
      by_scale ? reciprocal(detail::checked("Exponential", {"scale", o.scale}, constraints::positive, where)) : o.rate,
      where));
}

} // namespace

Distribution Exponential::make(const Tensor& rate, Where where) {
  return Distribution(share<ExponentialDensity>(rate, where));
}

Exponential::Exponential(const ExponentialParameters& options, Where where) : Distribution(named(options, where)) {}

} // namespace nuthatch
