#include "nuthatch/distributions/logistic.h"

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/standardized.h"

namespace nuthatch {
namespace {

class LogisticDensity final : public detail::Family<LogisticDensity, 2> {
 public:
  LogisticDensity(const Tensor& loc, const Tensor& scale, Where where)
      : Family("Logistic", {{"loc", loc, constraints::real}, {"scale", scale, constraints::positive}}, {}, where) {}
  Constraint support() const override { return constraints::real; }
  detail::Terms terms(const Tensor& x) const override {
    Tensor z = detail::standardized(x, loc(), scale());
    return {{z + 2.0 * softplus(-z), -1.0}, {-log(scale())}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    // 1 - u is in (0, 1], u in [0, 1): a draw at the end of the unit interval is moved inside by half a step.
    Tensor u = uniform(key, shape) + 0x1p-54;
    return icdf(u);
  }
  Tensor mean() const override { return loc(); }
  Tensor variance() const override { return square(scale()) * (detail::kPi * detail::kPi / 3.0); }
  Tensor cdf(const Tensor& x) const override { return nuthatch::logistic((x - loc()) / scale()); }
  Tensor icdf(const Tensor& q) const override { return loc() + scale() * (log(q) - log1p(-q)); }
  Tensor entropy() const override { return 2.0 + log(scale()); }

 private:
  const Tensor& loc() const { return p(0); }
  const Tensor& scale() const { return p(1); }
};

}  // namespace

Distribution Logistic::make(const Tensor& loc, const Tensor& scale, Where where) {
  return Distribution(std::make_shared<LogisticDensity>(loc, scale, where));
}

}  // namespace nuthatch
