#include "nuthatch/distributions/logistic.h"

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/samplers.h"
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
    return {{z, -1.0}, {softplus(-z), -2.0}, {-log(scale())}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override { return icdf(detail::open_uniform(key, shape)); }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return loc(); }
  Tensor variance() const override { return square(scale()) * (detail::kPi * detail::kPi / 3.0); }
  Tensor mode() const override { return loc(); }
  Tensor entropy() const override { return log(scale()) + 2.0; }
  Tensor cdf(const Tensor& x) const override { return sigmoid((x - loc()) / scale()); }
  Tensor log_cdf(const Tensor& x) const override { return log_sigmoid((x - loc()) / scale()); }
  Tensor survival(const Tensor& x) const override { return sigmoid((loc() - x) / scale()); }
  Tensor log_survival(const Tensor& x) const override { return log_sigmoid((loc() - x) / scale()); }
  Tensor icdf(const Tensor& q) const override { return loc() + scale() * (log(q) - log1p(-q)); }

 private:
  const Tensor& loc() const { return p(0); }
  const Tensor& scale() const { return p(1); }
};

} // namespace

Distribution Logistic::make(const Tensor& loc, const Tensor& scale, Where where) {
  return Distribution(share<LogisticDensity>(loc, scale, where));
}

} // namespace nuthatch
