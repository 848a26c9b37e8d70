#include "nuthatch/distributions/maxwell.h"

#include <cmath>

#include "nuthatch/math.h"
#include "nuthatch/special.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/samplers.h"
#include "ppl/distributions/standardized.h"

namespace nuthatch {
namespace {

class MaxwellDensity final : public detail::Family<MaxwellDensity, 1> {
 public:
  MaxwellDensity(const Tensor& scale, Where where)
      : Family("Maxwell", {{"scale", scale, constraints::positive}}, {}, where) {}
  Constraint support() const override { return constraints::positive; }
  detail::Terms terms(const Tensor& x) const override {
    return {{log(x), 2.0},
            {square(detail::standardized(x, scale())), -0.5},
            {detail::kHalfLogTwoOverPi - 3.0 * log(scale())}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    auto [k_normal, k_exponential] = split<2>(key);
    return scale() *
           sqrt(square(nuthatch::normal(k_normal, shape)) + 2.0 * nuthatch::exponential(k_exponential, shape));
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return scale() * (2.0 * std::sqrt(2.0 / detail::kPi)); }
  Tensor variance() const override { return square(scale()) * (3.0 - 8.0 / detail::kPi); }
  Tensor mode() const override { return scale() * std::sqrt(2.0); }
  Tensor entropy() const override { return log(scale()) + (detail::kHalfLogTwoPi + detail::kEuler - 0.5); }
  Tensor cdf(const Tensor& x) const override { return igamma(1.5, half_square(x)); }
  Tensor survival(const Tensor& x) const override { return igammac(1.5, half_square(x)); }
  Tensor icdf(const Tensor& q) const override {
    const Tensor low = q < 0.5;
    return scale() *
           sqrt(2.0 * select(low, igamma_inv(1.5, select(low, q, 0.25)), igammac_inv(1.5, 1.0 - select(low, 0.75, q))));
  }

 private:
  const Tensor& scale() const { return p(0); }
  Tensor half_square(const Tensor& x) const { return 0.5 * square(x / scale()); }
};

} // namespace

Distribution Maxwell::make(const Tensor& scale, Where where) {
  return Distribution(share<MaxwellDensity>(scale, where));
}

} // namespace nuthatch
