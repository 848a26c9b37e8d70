#include "nuthatch/distributions/half_cauchy.h"

#include <cmath>

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/samplers.h"
#include "ppl/distributions/standardized.h"

namespace nuthatch {
namespace {

class HalfCauchyDensity final : public detail::Family<HalfCauchyDensity, 1> {
 public:
  HalfCauchyDensity(const Tensor& scale, Where where)
      : Family("HalfCauchy", {{"scale", scale, constraints::positive}}, {}, where) {}
  Constraint support() const override { return constraints::nonnegative; }
  detail::Terms terms(const Tensor& x) const override {
    return {{log1p(square(detail::standardized(x, scale()))), -1.0}, {detail::kLog2 - detail::kLogPi - log(scale())}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override { return icdf(nuthatch::uniform(key, shape)); }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return INFINITY; }
  Tensor variance() const override { return INFINITY; }
  Tensor mode() const override { return 0.0; }
  Tensor support_point() const override { return scale(); }
  Tensor entropy() const override { return log(scale()) + (detail::kLogPi + detail::kLog2); }
  Tensor cdf(const Tensor& x) const override { return (2.0 / detail::kPi) * atan(x / scale()); }
  Tensor survival(const Tensor& x) const override { return (2.0 / detail::kPi) * atan2(scale(), x); }
  Tensor icdf(const Tensor& q) const override {
    const Tensor low = q < 0.5, t = tan(0.5 * detail::kPi * select(low, q, 1.0 - q));
    return scale() * select(low, t, reciprocal(select(low, 1.0, t)));
  }

 private:
  const Tensor& scale() const { return p(0); }
};

} // namespace

Distribution HalfCauchy::make(const Tensor& scale, Where where) {
  return Distribution(share<HalfCauchyDensity>(scale, where));
}

} // namespace nuthatch
