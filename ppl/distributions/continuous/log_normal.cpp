#include "nuthatch/distributions/log_normal.h"

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/named_parameters.h"
#include "ppl/distributions/standardized.h"

namespace nuthatch {
namespace {

class LogNormalDensity final : public detail::Family<LogNormalDensity, 2> {
 public:
  LogNormalDensity(const Tensor& loc, const Tensor& scale, Where where)
      : Family("LogNormal", {{"loc", loc, constraints::real}, {"scale", scale, constraints::positive}}, {}, where) {}
  Constraint support() const override { return constraints::positive; }
  detail::Terms terms(const Tensor& x) const override {
    Tensor y = log(x);
    return {
        {square(detail::standardized(y, loc(), scale())), -0.5}, {y, -1.0}, {-(log(scale()) + detail::kHalfLogTwoPi)}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return exp(loc() + scale() * nuthatch::normal(key, shape));
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override { return exp(loc() + 0.5 * square(scale())); }
  Tensor variance() const override {
    Tensor s2 = square(scale());
    return expm1(s2) * exp(2.0 * loc() + s2);
  }
  Tensor mode() const override { return exp(loc() - square(scale())); }
  Tensor entropy() const override { return loc() + 0.5 + detail::kHalfLogTwoPi + log(scale()); }
  Tensor cdf(const Tensor& x) const override { return ndtr(z(x)); }
  Tensor log_cdf(const Tensor& x) const override { return log_ndtr(z(x)); }
  Tensor survival(const Tensor& x) const override { return ndtr(-z(x)); }
  Tensor log_survival(const Tensor& x) const override { return log_ndtr(-z(x)); }
  Tensor icdf(const Tensor& q) const override { return exp(loc() + scale() * ndtri(q)); }

 private:
  const Tensor& loc() const { return p(0); }
  const Tensor& scale() const { return p(1); }
  Tensor z(const Tensor& x) const { return (log(x) - loc()) / scale(); }
};

Distribution named(const LogNormalParameters& o, Where where) {
  if (detail::one_of("LogNormal", {{"mean", o.mean}, {"scale", o.scale}, {"precision", o.precision}}, where) != 0)
    return Distribution(share<LogNormalDensity>(
        detail::or_zero(o.loc), detail::scale_or_precision("LogNormal", o.scale, o.precision, where), where));
  if (o.loc.defined()) throw Error("LogNormal: .loc does not go with .mean and .sd", where);
  Tensor mean = detail::checked("LogNormal", {"mean", o.mean}, constraints::positive, where);
  Tensor sd = detail::checked("LogNormal", {"sd", o.sd}, constraints::positive, where);
  Tensor s2 = log1p(square(sd / mean));
  return Distribution(share<LogNormalDensity>(log(mean) - 0.5 * s2, sqrt(s2), where));
}

} // namespace

Distribution LogNormal::make(const Tensor& loc, const Tensor& scale, Where where) {
  return Distribution(share<LogNormalDensity>(loc, scale, where));
}

LogNormal::LogNormal(const LogNormalParameters& options, Where where) : Distribution(named(options, where)) {}

} // namespace nuthatch
