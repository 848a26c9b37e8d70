#include "nuthatch/distributions/moyal.h"

#include <cmath>

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/standardized.h"

namespace nuthatch {
namespace {

class MoyalDensity final : public detail::Family<MoyalDensity, 2> {
 public:
  MoyalDensity(const Tensor& loc, const Tensor& scale, Where where)
      : Family("Moyal", {{"loc", loc, constraints::real}, {"scale", scale, constraints::positive}}, {}, where) {}
  Constraint support() const override { return constraints::real; }
  detail::Terms terms(const Tensor& x) const override {
    Tensor z = detail::standardized(x, loc(), scale());
    return {{z + exp(-z), -0.5}, {-(log(scale()) + detail::kHalfLogTwoPi)}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return loc() - 2.0 * scale() * log(abs(nuthatch::normal(key, shape)));
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return loc() + (detail::kEuler + detail::kLog2) * scale(); }
  Tensor variance() const override { return square(scale()) * (detail::kPi * detail::kPi / 2.0); }
  Tensor mode() const override { return loc(); }
  Tensor entropy() const override {
    return log(scale()) + (0.5 * (1.0 + detail::kEuler + detail::kLog2) + detail::kHalfLogTwoPi);
  }
  Tensor cdf(const Tensor& x) const override { return erfc(root(x) * std::sqrt(0.5)); }
  Tensor log_cdf(const Tensor& x) const override { return detail::kLog2 + log_ndtr(-root(x)); }
  Tensor survival(const Tensor& x) const override { return erf(root(x) * std::sqrt(0.5)); }
  Tensor icdf(const Tensor& q) const override {
    const Tensor low = q < 0.5;
    Tensor z = select(low, -ndtri(0.5 * select(low, q, 0.5)), std::sqrt(2.0) * erf_inv(select(low, 0.5, 1.0 - q)));
    return loc() - 2.0 * scale() * log(z);
  }

 private:
  const Tensor& loc() const { return p(0); }
  const Tensor& scale() const { return p(1); }
  /// exp(-z / 2): the absolute standard normal value that gives x.
  Tensor root(const Tensor& x) const { return exp(-0.5 * (x - loc()) / scale()); }
};

} // namespace

Distribution Moyal::make(const Tensor& loc, const Tensor& scale, Where where) {
  return Distribution(share<MoyalDensity>(loc, scale, where));
}

} // namespace nuthatch
