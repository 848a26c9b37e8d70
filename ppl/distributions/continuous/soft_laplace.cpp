#include "nuthatch/distributions/soft_laplace.h"

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/samplers.h"
#include "ppl/distributions/standardized.h"

namespace nuthatch {
namespace {

class SoftLaplaceDensity final : public detail::Family<SoftLaplaceDensity, 2> {
 public:
  SoftLaplaceDensity(const Tensor& loc, const Tensor& scale, Where where)
      : Family("SoftLaplace", {{"loc", loc, constraints::real}, {"scale", scale, constraints::positive}}, {}, where) {}
  Constraint support() const override { return constraints::real; }
  detail::Terms terms(const Tensor& x) const override {
    Tensor z = detail::standardized(x, loc(), scale());
    return {{z, -1.0}, {softplus(-2.0 * z), -1.0}, {detail::kLog2 - detail::kLogPi - log(scale())}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override { return icdf(detail::open_uniform(key, shape)); }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return loc(); }
  Tensor variance() const override { return square(scale()) * (detail::kPi * detail::kPi / 4.0); }
  Tensor mode() const override { return loc(); }
  Tensor entropy() const override { return log(scale()) + 2.0 * detail::kHalfLogTwoPi; }
  Tensor cdf(const Tensor& x) const override { return (2.0 / detail::kPi) * atan(exp((x - loc()) / scale())); }
  Tensor survival(const Tensor& x) const override { return (2.0 / detail::kPi) * atan(exp((loc() - x) / scale())); }
  Tensor icdf(const Tensor& q) const override {
    const Tensor low = q < 0.5, distance = log(tan(0.5 * detail::kPi * select(low, q, 1.0 - q)));
    return loc() + scale() * select(low, distance, -distance);
  }

 private:
  const Tensor& loc() const { return p(0); }
  const Tensor& scale() const { return p(1); }
};

} // namespace

Distribution SoftLaplace::make(const Tensor& loc, const Tensor& scale, Where where) {
  return Distribution(share<SoftLaplaceDensity>(loc, scale, where));
}

} // namespace nuthatch
