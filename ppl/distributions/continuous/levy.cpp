#include "nuthatch/distributions/levy.h"

#include <cmath>

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"

namespace nuthatch {
namespace {

class LevyDensity final : public detail::Family<LevyDensity, 2> {
 public:
  LevyDensity(const Tensor& loc, const Tensor& scale, Where where)
      : Family("Levy", {{"loc", loc, constraints::real}, {"scale", scale, constraints::positive}}, {}, where) {}
  Constraint support() const override { return constraints::greater_than(loc()); }
  detail::Terms terms(const Tensor& x) const override {
    Tensor d = x - loc();
    return {{log(d), -1.5}, {reciprocal(d), -0.5 * scale()}, {0.5 * log(scale()) - detail::kHalfLogTwoPi}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return loc() + scale() / square(nuthatch::normal(key, shape));
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return INFINITY; }
  Tensor variance() const override { return INFINITY; }
  Tensor mode() const override { return loc() + scale() / 3.0; }
  Tensor support_point() const override { return loc() + scale(); }
  Tensor entropy() const override {
    return log(scale()) + (0.5 + 1.5 * detail::kEuler + 0.5 * detail::kLogPi + 2.0 * detail::kLog2);
  }
  Tensor cdf(const Tensor& x) const override { return erfc(sqrt(0.5 * scale() / (x - loc()))); }
  Tensor log_cdf(const Tensor& x) const override { return detail::kLog2 + log_ndtr(-sqrt(scale() / (x - loc()))); }
  Tensor survival(const Tensor& x) const override { return erf(sqrt(0.5 * scale() / (x - loc()))); }
  Tensor icdf(const Tensor& q) const override {
    const Tensor low = q < 0.5;
    Tensor z = select(low, ndtri(0.5 * select(low, q, 0.5)), std::sqrt(2.0) * erf_inv(select(low, 0.5, 1.0 - q)));
    return loc() + scale() / square(z);
  }

 private:
  const Tensor& loc() const { return p(0); }
  const Tensor& scale() const { return p(1); }
};

} // namespace

Distribution Levy::make(const Tensor& loc, const Tensor& scale, Where where) {
  return Distribution(share<LevyDensity>(loc, scale, where));
}

} // namespace nuthatch
