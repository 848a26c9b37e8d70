#include "nuthatch/distributions/cauchy.h"

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
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
  Tensor sample(const Key& key, const Shape& shape) const override { return icdf(uniform(key, shape)); }
  Tensor cdf(const Tensor& x) const override { return atan((x - loc()) / scale()) / detail::kPi + 0.5; }
  Tensor icdf(const Tensor& q) const override { return loc() + scale() * tan(detail::kPi * (q - 0.5)); }
  Tensor entropy() const override { return log(scale()) + (detail::kLogPi + 2.0 * detail::kLog2); }

 private:
  const Tensor& loc() const { return p(0); }
  const Tensor& scale() const { return p(1); }
};

}  // namespace

Distribution Cauchy::make(const Tensor& loc, const Tensor& scale, Where where) {
  return Distribution(std::make_shared<CauchyDensity>(loc, scale, where));
}

}  // namespace nuthatch
