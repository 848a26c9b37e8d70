#include "nuthatch/distributions/half_normal.h"

#include <cmath>

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/standardized.h"

namespace nuthatch {
namespace {

class HalfNormalDensity final : public detail::Family<HalfNormalDensity, 1> {
 public:
  HalfNormalDensity(const Tensor& scale, Where where)
      : Family("HalfNormal", {{"scale", scale, constraints::positive}}, {}, where) {}
  Constraint support() const override { return constraints::nonnegative; }
  detail::Terms terms(const Tensor& x) const override {
    return {{square(detail::standardized(x, scale())), -0.5}, {detail::kHalfLogTwoOverPi - log(scale())}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override { return scale() * abs(nuthatch::normal(key, shape)); }
  Tensor mean() const override { return scale() * std::sqrt(2.0 / detail::kPi); }
  Tensor variance() const override { return square(scale()) * (1.0 - 2.0 / detail::kPi); }
  Tensor cdf(const Tensor& x) const override { return erf(maximum(x, 0.0) / (scale() * std::sqrt(2.0))); }
  Tensor icdf(const Tensor& q) const override { return scale() * std::sqrt(2.0) * erf_inv(q); }
  Tensor entropy() const override { return 0.5 - detail::kHalfLogTwoOverPi + log(scale()); }

 private:
  const Tensor& scale() const { return p(0); }
};

}  // namespace

Distribution HalfNormal::make(const Tensor& scale, Where where) {
  return Distribution(std::make_shared<HalfNormalDensity>(scale, where));
}

}  // namespace nuthatch
