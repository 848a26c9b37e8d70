#include "nuthatch/distributions/laplace.h"

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch {
namespace {

class LaplaceDensity final : public detail::Family<LaplaceDensity, 2> {
 public:
  LaplaceDensity(const Tensor& loc, const Tensor& scale, Where where)
      : Family("Laplace", {{"loc", loc, constraints::real}, {"scale", scale, constraints::positive}}, {}, where) {}
  Constraint support() const override { return constraints::real; }
  detail::Terms terms(const Tensor& x) const override {
    return {{abs(x - loc()), -reciprocal(scale())}, {-(log(scale()) + detail::kLog2)}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override { return icdf(detail::open_uniform(key, shape)); }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return loc(); }
  Tensor variance() const override { return 2.0 * square(scale()); }
  Tensor mode() const override { return loc(); }
  Tensor entropy() const override { return 1.0 + detail::kLog2 + log(scale()); }
  Tensor cdf(const Tensor& x) const override { return below((x - loc()) / scale()); }
  Tensor log_cdf(const Tensor& x) const override { return log_below((x - loc()) / scale()); }
  Tensor survival(const Tensor& x) const override { return below((loc() - x) / scale()); }
  Tensor log_survival(const Tensor& x) const override { return log_below((loc() - x) / scale()); }
  Tensor icdf(const Tensor& q) const override {
    const Tensor low = q < 0.5, distance = log(2.0 * select(low, q, 1.0 - q));
    return loc() + scale() * select(low, distance, -distance);
  }

 private:
  const Tensor& loc() const { return p(0); }
  const Tensor& scale() const { return p(1); }
  static Tensor below(const Tensor& z) {
    Tensor tail = 0.5 * exp(-abs(z));
    return select(z < 0.0, tail, 1.0 - tail);
  }
  static Tensor log_below(const Tensor& z) { return select(z < 0.0, z - detail::kLog2, log1p(-0.5 * exp(-abs(z)))); }
};

} // namespace

Distribution Laplace::make(const Tensor& loc, const Tensor& scale, Where where) {
  return Distribution(share<LaplaceDensity>(loc, scale, where));
}

} // namespace nuthatch
