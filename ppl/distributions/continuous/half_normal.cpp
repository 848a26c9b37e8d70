#include "nuthatch/distributions/half_normal.h"

#include <cmath>

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/named_parameters.h"
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
  Tensor sample(const Key& key, const Shape& shape) const override {
    return scale() * abs(nuthatch::normal(key, shape));
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return scale() * std::sqrt(2.0 / detail::kPi); }
  Tensor variance() const override { return square(scale()) * (1.0 - 2.0 / detail::kPi); }
  Tensor mode() const override { return 0.0; }
  Tensor entropy() const override { return log(scale()) + (0.5 - detail::kHalfLogTwoOverPi); }
  Tensor cdf(const Tensor& x) const override { return erf(x / (std::sqrt(2.0) * scale())); }
  Tensor survival(const Tensor& x) const override { return erfc(x / (std::sqrt(2.0) * scale())); }
  Tensor log_survival(const Tensor& x) const override { return log_ndtr(-x / scale()) + detail::kLog2; }
  // The smaller of the two tails keeps its digits.
  Tensor icdf(const Tensor& q) const override {
    const Tensor low = q < 0.5;
    return scale() *
           select(low, std::sqrt(2.0) * erf_inv(select(low, q, 0.25)), -ndtri(0.5 * (1.0 - select(low, 0.5, q))));
  }

 private:
  const Tensor& scale() const { return p(0); }
};

} // namespace

Distribution HalfNormal::make(const Tensor& scale, Where where) {
  return Distribution(share<HalfNormalDensity>(scale, where));
}

HalfNormal::HalfNormal(const HalfNormalParameters& options, Where where)
    : Distribution(make(detail::scale_or_precision("HalfNormal", options.scale, options.precision, where), where)) {}

} // namespace nuthatch
