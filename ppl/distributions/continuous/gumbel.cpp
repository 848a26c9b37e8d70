#include "nuthatch/distributions/gumbel.h"

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/samplers.h"
#include "ppl/distributions/standardized.h"

namespace nuthatch {
namespace {

class GumbelDensity final : public detail::Family<GumbelDensity, 2> {
 public:
  GumbelDensity(const Tensor& loc, const Tensor& scale, Where where)
      : Family("Gumbel", {{"loc", loc, constraints::real}, {"scale", scale, constraints::positive}}, {}, where) {}
  Constraint support() const override { return constraints::real; }
  detail::Terms terms(const Tensor& x) const override {
    Tensor z = detail::standardized(x, loc(), scale());
    return {{z, -1.0}, {exp(-z), -1.0}, {-log(scale())}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return loc() + scale() * nuthatch::gumbel(key, shape);
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return loc() + detail::kEuler * scale(); }
  Tensor variance() const override { return square(scale()) * (detail::kPi * detail::kPi / 6.0); }
  Tensor mode() const override { return loc(); }
  Tensor entropy() const override { return log(scale()) + (detail::kEuler + 1.0); }
  Tensor cdf(const Tensor& x) const override { return exp(-hazard(x)); }
  Tensor log_cdf(const Tensor& x) const override { return -hazard(x); }
  Tensor survival(const Tensor& x) const override { return -expm1(-hazard(x)); }
  Tensor icdf(const Tensor& q) const override { return loc() - scale() * log(-log(q)); }

 private:
  const Tensor& loc() const { return p(0); }
  const Tensor& scale() const { return p(1); }
  Tensor hazard(const Tensor& x) const { return exp((loc() - x) / scale()); }
};

} // namespace

Distribution Gumbel::make(const Tensor& loc, const Tensor& scale, Where where) {
  return Distribution(share<GumbelDensity>(loc, scale, where));
}

} // namespace nuthatch
