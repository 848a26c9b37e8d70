#include "nuthatch/distributions/generalized_pareto.h"

#include <cmath>

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/ratios.h"

namespace nuthatch {
namespace {

class GeneralizedParetoDensity final : public detail::Family<GeneralizedParetoDensity, 3> {
 public:
  GeneralizedParetoDensity(const Tensor& loc, const Tensor& scale, const Tensor& shape, Where where)
      : Family("GeneralizedPareto",
               {{"loc", loc, constraints::real},
                {"scale", scale, constraints::positive},
                {"shape", shape, constraints::real}},
               {}, where) {}
  Constraint support() const override { return constraints::greater_than_eq(loc()); }
  Tensor log_prob(const Tensor& x) const override {
    return select(inside(x), -log(scale()) - (1.0 + shape()) * hazard(x), -INFINITY);
  }
  Tensor sample(const Key& key, const Shape& shape) const override { return at(nuthatch::exponential(key, shape)); }
  bool has_rsample() const override { return true; }
  Tensor mean() const override {
    const Tensor finite = shape() < 1.0;
    return select(finite, loc() + scale() / (1.0 - select(finite, shape(), 0.0)), INFINITY);
  }
  Tensor variance() const override {
    const Tensor finite = shape() < 0.5, k = select(finite, shape(), 0.0);
    return select(finite, square(scale() / (1.0 - k)) / (1.0 - 2.0 * k), INFINITY);
  }
  /// loc, or the upper end when the density rises, for shape < -1.
  Tensor mode() const override {
    const Tensor rising = shape() < -1.0;
    return select(rising, loc() - scale() / select(rising, shape(), -2.0), loc());
  }
  Tensor support_point() const override { return icdf(0.5); }
  Tensor entropy() const override { return log(scale()) + shape() + 1.0; }
  Tensor cdf(const Tensor& x) const override { return select(inside(x), -expm1(-hazard(x)), 1.0); }
  Tensor survival(const Tensor& x) const override { return select(inside(x), exp(-hazard(x)), 0.0); }
  Tensor log_survival(const Tensor& x) const override { return select(inside(x), -hazard(x), -INFINITY); }
  Tensor icdf(const Tensor& q) const override { return at(-log1p(-q)); }

 private:
  const Tensor& loc() const { return p(0); }
  const Tensor& scale() const { return p(1); }
  const Tensor& shape() const { return p(2); }
  Tensor inside(const Tensor& x) const { return shape() * ((x - loc()) / scale()) > -1.0; }
  /// log(1 + shape z) / shape, the cumulative hazard.
  Tensor hazard(const Tensor& x) const {
    const Tensor valid = inside(x), z = select(valid, (x - loc()) / scale(), 0.0);
    return z * detail::log1p_ratio(shape() * z);
  }
  Tensor at(const Tensor& y) const { return loc() + scale() * y * detail::expm1_ratio(shape() * y); }
};

} // namespace

Distribution GeneralizedPareto::make(const Tensor& loc, const Tensor& scale, const Tensor& shape, Where where) {
  return Distribution(share<GeneralizedParetoDensity>(loc, scale, shape, where));
}

} // namespace nuthatch
