#include "nuthatch/distributions/normal.h"

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/named_parameters.h"
#include "ppl/distributions/standardized.h"

namespace nuthatch {
namespace {

class NormalDensity final : public detail::Family<NormalDensity, 2> {
 public:
  NormalDensity(const Tensor& loc, const Tensor& scale, Where where)
      : Family("Normal", {{"loc", loc, constraints::real}, {"scale", scale, constraints::positive}}, {}, where) {}
  Constraint support() const override { return constraints::real; }
  detail::Terms terms(const Tensor& x) const override {
    return {{square(detail::standardized(x, loc(), scale())), -0.5}, {-(log(scale()) + detail::kHalfLogTwoPi)}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return loc() + scale() * nuthatch::normal(key, shape);
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return loc(); }
  Tensor variance() const override { return square(scale()); }
  Tensor mode() const override { return loc(); }
  Tensor entropy() const override { return log(scale()) + (detail::kHalfLogTwoPi + 0.5); }
  Tensor cdf(const Tensor& x) const override { return ndtr(z(x)); }
  Tensor log_cdf(const Tensor& x) const override { return log_ndtr(z(x)); }
  Tensor survival(const Tensor& x) const override { return ndtr(-z(x)); }
  Tensor log_survival(const Tensor& x) const override { return log_ndtr(-z(x)); }
  Tensor icdf(const Tensor& q) const override { return loc() + scale() * ndtri(q); }

 private:
  const Tensor& loc() const { return p(0); }
  const Tensor& scale() const { return p(1); }
  Tensor z(const Tensor& x) const { return (x - loc()) / scale(); }
};

} // namespace

Distribution Normal::make(const Tensor& loc, const Tensor& scale, Where where) {
  return Distribution(share<NormalDensity>(loc, scale, where));
}

Normal::Normal(const NormalParameters& options, Where where)
    : Distribution(make(detail::or_zero(options.loc),
                        detail::scale_or_precision("Normal", options.scale, options.precision, where), where)) {}

} // namespace nuthatch
