#include "nuthatch/distributions/log_normal.h"

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
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
    return {{square(detail::standardized(y, loc(), scale())), -0.5}, {y, -1.0}, {-(log(scale()) + detail::kHalfLogTwoPi)}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return exp(loc() + scale() * nuthatch::normal(key, shape));
  }
  Tensor mean() const override { return exp(loc() + 0.5 * square(scale())); }
  Tensor variance() const override {
    Tensor s2 = square(scale());
    return expm1(s2) * exp(2.0 * loc() + s2);
  }
  Tensor cdf(const Tensor& x) const override { return ndtr((log(x) - loc()) / scale()); }
  Tensor icdf(const Tensor& q) const override { return exp(loc() + scale() * ndtri(q)); }
  Tensor entropy() const override { return loc() + 0.5 + detail::kHalfLogTwoPi + log(scale()); }

 private:
  const Tensor& loc() const { return p(0); }
  const Tensor& scale() const { return p(1); }
};

}  // namespace

Distribution LogNormal::make(const Tensor& loc, const Tensor& scale, Where where) {
  return Distribution(std::make_shared<LogNormalDensity>(loc, scale, where));
}

}  // namespace nuthatch
