#include "nuthatch/distributions/half_cauchy.h"

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/standardized.h"

namespace nuthatch {
namespace {

class HalfCauchyDensity final : public detail::Family<HalfCauchyDensity, 1> {
 public:
  HalfCauchyDensity(const Tensor& scale, Where where)
      : Family("HalfCauchy", {{"scale", scale, constraints::positive}}, {}, where) {}
  Constraint support() const override { return constraints::nonnegative; }
  detail::Terms terms(const Tensor& x) const override {
    return {{log1p(square(detail::standardized(x, scale()))), -1.0}, {-(log(scale()) + (detail::kLogPi - detail::kLog2))}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override { return icdf(uniform(key, shape)); }
  Tensor cdf(const Tensor& x) const override { return atan(maximum(x, 0.0) / scale()) * (2.0 / detail::kPi); }
  Tensor icdf(const Tensor& q) const override { return scale() * tan(0.5 * detail::kPi * q); }
  Tensor entropy() const override { return log(scale()) + (detail::kLogPi + detail::kLog2); }

 private:
  const Tensor& scale() const { return p(0); }
};

}  // namespace

Distribution HalfCauchy::make(const Tensor& scale, Where where) {
  return Distribution(std::make_shared<HalfCauchyDensity>(scale, where));
}

}  // namespace nuthatch
