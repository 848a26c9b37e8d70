#include "nuthatch/distributions/uniform.h"

#include "nuthatch/math.h"
#include "ppl/distributions/bounds.h"

namespace nuthatch {
namespace {

class UniformDensity final : public detail::Family<UniformDensity, 2> {
 public:
  UniformDensity(const Tensor& low, const Tensor& high, Where where)
      : Family("Uniform", {{"low", low, constraints::real}, {"high", high, constraints::real}}, {}, where) {
    detail::require_less(*this, 0, 1);
  }
  Constraint support() const override { return constraints::interval(low(), high()); }
  Tensor log_prob(const Tensor&) const override { return -log(high() - low()); }
  Tensor sample(const Key& key, const Shape& shape) const override { return icdf(nuthatch::uniform(key, shape)); }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return 0.5 * (low() + high()); }
  Tensor variance() const override { return square(high() - low()) / 12.0; }
  Tensor entropy() const override { return log(high() - low()); }
  Tensor cdf(const Tensor& x) const override { return (x - low()) / (high() - low()); }
  Tensor survival(const Tensor& x) const override { return (high() - x) / (high() - low()); }
  Tensor icdf(const Tensor& q) const override { return low() + (high() - low()) * q; }

 private:
  const Tensor& low() const { return p(0); }
  const Tensor& high() const { return p(1); }
};

} // namespace

Distribution Uniform::make(const Tensor& low, const Tensor& high, Where where) {
  return Distribution(share<UniformDensity>(low, high, where));
}

} // namespace nuthatch
