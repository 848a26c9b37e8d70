#include "nuthatch/distributions/lomax.h"

#include <cmath>

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"

namespace nuthatch {
namespace {

class LomaxDensity final : public detail::Family<LomaxDensity, 2> {
 public:
  LomaxDensity(const Tensor& scale, const Tensor& alpha, Where where)
      : Family("Lomax", {{"scale", scale, constraints::positive}, {"alpha", alpha, constraints::positive}}, {}, where) {
  }
  Constraint support() const override { return constraints::nonnegative; }
  detail::Terms terms(const Tensor& x) const override {
    return {{log1p(x / scale()), -(alpha() + 1.0)}, {log(alpha() / scale())}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return scale() * expm1(nuthatch::exponential(key, shape) / alpha());
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override {
    const Tensor finite = alpha() > 1.0;
    return select(finite, scale() / (select(finite, alpha(), 2.0) - 1.0), INFINITY);
  }
  Tensor variance() const override {
    const Tensor finite = alpha() > 2.0, a = select(finite, alpha(), 3.0);
    return select(finite, square(scale() / (a - 1.0)) * a / (a - 2.0), INFINITY);
  }
  Tensor mode() const override { return 0.0; }
  Tensor support_point() const override { return icdf(0.5); }
  Tensor entropy() const override { return log(scale() / alpha()) + 1.0 + reciprocal(alpha()); }
  Tensor cdf(const Tensor& x) const override { return -expm1(log_survival(x)); }
  Tensor survival(const Tensor& x) const override { return exp(log_survival(x)); }
  Tensor log_survival(const Tensor& x) const override { return -alpha() * log1p(x / scale()); }
  Tensor icdf(const Tensor& q) const override { return scale() * expm1(-log1p(-q) / alpha()); }

 private:
  const Tensor& scale() const { return p(0); }
  const Tensor& alpha() const { return p(1); }
};

} // namespace

Distribution Lomax::make(const Tensor& scale, const Tensor& alpha, Where where) {
  return Distribution(share<LomaxDensity>(scale, alpha, where));
}

} // namespace nuthatch
