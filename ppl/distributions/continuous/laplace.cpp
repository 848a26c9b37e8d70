#include "nuthatch/distributions/laplace.h"

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/standardized.h"

namespace nuthatch {
namespace {

class LaplaceDensity final : public detail::Family<LaplaceDensity, 2> {
 public:
  LaplaceDensity(const Tensor& loc, const Tensor& scale, Where where)
      : Family("Laplace", {{"loc", loc, constraints::real}, {"scale", scale, constraints::positive}}, {}, where) {}
  Constraint support() const override { return constraints::real; }
  detail::Terms terms(const Tensor& x) const override {
    return {{abs(detail::standardized(x, loc(), scale())), -1.0}, {-(log(scale()) + detail::kLog2)}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    auto [k_sign, k_size] = split<2>(key);
    Tensor size = nuthatch::exponential(k_size, shape);
    return loc() + scale() * select(uniform(k_sign, shape) < 0.5, -size, size);
  }
  Tensor mean() const override { return loc(); }
  Tensor variance() const override { return 2.0 * square(scale()); }
  Tensor cdf(const Tensor& x) const override {
    Tensor z = (x - loc()) / scale(), tail = 0.5 * exp(-abs(z));
    return select(z < 0.0, tail, 1.0 - tail);
  }
  Tensor icdf(const Tensor& q) const override {
    Tensor a = q - 0.5;
    return loc() - scale() * sign(a) * log1p(-2.0 * abs(a));
  }
  Tensor entropy() const override { return 1.0 + detail::kLog2 + log(scale()); }

 private:
  const Tensor& loc() const { return p(0); }
  const Tensor& scale() const { return p(1); }
};

}  // namespace

Distribution Laplace::make(const Tensor& loc, const Tensor& scale, Where where) {
  return Distribution(std::make_shared<LaplaceDensity>(loc, scale, where));
}

}  // namespace nuthatch
