#include "nuthatch/distributions/normal.h"

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
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
  Tensor mean() const override { return loc(); }
  Tensor variance() const override { return square(scale()); }
  Tensor cdf(const Tensor& x) const override { return ndtr((x - loc()) / scale()); }
  Tensor icdf(const Tensor& q) const override { return loc() + scale() * ndtri(q); }
  Tensor entropy() const override { return 0.5 + detail::kHalfLogTwoPi + log(scale()); }

 private:
  const Tensor& loc() const { return p(0); }
  const Tensor& scale() const { return p(1); }
};

}  // namespace

Distribution Normal::make(const Tensor& loc, const Tensor& scale, Where where) {
  return Distribution(std::make_shared<NormalDensity>(loc, scale, where));
}

}  // namespace nuthatch
