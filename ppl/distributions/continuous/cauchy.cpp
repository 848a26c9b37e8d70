#include "nuthatch/distributions/cauchy.h"

#include <cmath>

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/samplers.h"
#include "ppl/distributions/standardized.h"

namespace nuthatch {
namespace {

class CauchyDensity final : public detail::Family<CauchyDensity, 2> {
 public:
  CauchyDensity(const Tensor& loc, const Tensor& scale, Where where)
      : Family("Cauchy", {{"loc", loc, constraints::real}, {"scale", scale, constraints::positive}}, {}, where) {}
  Constraint support() const override { return constraints::real; }
  detail::Terms terms(const Tensor& x) const override {
    return {{log1p(square(detail::standardized(x, loc(), scale()))), -1.0}, {-(log(scale()) + detail::kLogPi)}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override { return icdf(detail::open_uniform(key, shape)); }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return NAN; }
  Tensor variance() const override { return NAN; }
  Tensor mode() const override { return loc(); }
  Tensor support_point() const override { return loc(); }
  Tensor entropy() const override { return log(scale()) + (detail::kLogPi + 2.0 * detail::kLog2); }
  // atan(z) / pi + 1/2 as an angle that is small in the left tail.
  Tensor cdf(const Tensor& x) const override { return atan2(1.0, (loc() - x) / scale()) / detail::kPi; }
  Tensor survival(const Tensor& x) const override { return atan2(1.0, (x - loc()) / scale()) / detail::kPi; }
  Tensor icdf(const Tensor& q) const override {
    const Tensor low = q < 0.5, cotangent = reciprocal(tan(detail::kPi * select(low, q, 1.0 - q)));
    return loc() + scale() * select(low, -cotangent, cotangent);
  }

 private:
  const Tensor& loc() const { return p(0); }
  const Tensor& scale() const { return p(1); }
};

} // namespace

Distribution Cauchy::make(const Tensor& loc, const Tensor& scale, Where where) {
  return Distribution(share<CauchyDensity>(loc, scale, where));
}

} // namespace nuthatch
