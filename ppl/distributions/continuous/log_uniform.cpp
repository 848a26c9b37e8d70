#include "nuthatch/distributions/log_uniform.h"

#include "nuthatch/math.h"
#include "ppl/distributions/bounds.h"

namespace nuthatch {
namespace {

class LogUniformDensity final : public detail::Family<LogUniformDensity, 2> {
 public:
  LogUniformDensity(const Tensor& low, const Tensor& high, Where where)
      : Family("LogUniform", {{"low", low, constraints::positive}, {"high", high, constraints::positive}}, {}, where) {
    detail::require_less(*this, 0, 1);
  }
  Constraint support() const override { return constraints::interval(low(), high()); }
  detail::Terms terms(const Tensor& x) const override { return {{log(x), -1.0}, {-log(log_ratio())}}; }
  Tensor sample(const Key& key, const Shape& shape) const override { return icdf(nuthatch::uniform(key, shape)); }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return (high() - low()) / log_ratio(); }
  Tensor variance() const override { return 0.5 * (high() - low()) * (high() + low()) / log_ratio() - square(mean()); }
  Tensor mode() const override { return low(); }
  Tensor entropy() const override { return 0.5 * (log(low()) + log(high())) + log(log_ratio()); }
  Tensor cdf(const Tensor& x) const override { return log(x / low()) / log_ratio(); }
  Tensor survival(const Tensor& x) const override { return log(high() / x) / log_ratio(); }
  // Between the bounds also where the last bit of exp would lead out.
  Tensor icdf(const Tensor& q) const override { return minimum(low() * exp(q * log_ratio()), high()); }

 private:
  const Tensor& low() const { return p(0); }
  const Tensor& high() const { return p(1); }
  Tensor log_ratio() const { return log(high() / low()); }
};

} // namespace

Distribution LogUniform::make(const Tensor& low, const Tensor& high, Where where) {
  return Distribution(share<LogUniformDensity>(low, high, where));
}

} // namespace nuthatch
