#include "nuthatch/distributions/pareto.h"

#include <cmath>

#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"

namespace nuthatch {
namespace {

class ParetoDensity final : public detail::Family<ParetoDensity, 2> {
 public:
  ParetoDensity(const Tensor& scale, const Tensor& alpha, Where where)
      : Family("Pareto", {{"scale", scale, constraints::positive}, {"alpha", alpha, constraints::positive}}, {},
               where) {}
  Constraint support() const override { return constraints::greater_than_eq(scale()); }
  detail::Terms terms(const Tensor& x) const override {
    return {{log(x), -(alpha() + 1.0)}, {log(alpha()) + alpha() * log(scale())}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return scale() * exp(nuthatch::exponential(key, shape) / alpha());
  }
  bool has_rsample() const override { return true; }
  Tensor mean() const override {
    const Tensor finite = alpha() > 1.0;
    return select(finite, scale() * alpha() / (select(finite, alpha(), 2.0) - 1.0), INFINITY);
  }
  Tensor variance() const override {
    const Tensor finite = alpha() > 2.0, a = select(finite, alpha(), 3.0);
    return select(finite, square(scale() / (a - 1.0)) * a / (a - 2.0), INFINITY);
  }
  Tensor mode() const override { return scale(); }
  Tensor support_point() const override { return scale() * exp(detail::kLog2 / alpha()); }
  Tensor entropy() const override { return log(scale() / alpha()) + 1.0 + reciprocal(alpha()); }
  Tensor cdf(const Tensor& x) const override { return -expm1(log_survival(x)); }
  Tensor survival(const Tensor& x) const override { return exp(log_survival(x)); }
  Tensor log_survival(const Tensor& x) const override { return -alpha() * log1p((x - scale()) / scale()); }
  Tensor icdf(const Tensor& q) const override { return scale() * exp(-log1p(-q) / alpha()); }

 private:
  const Tensor& scale() const { return p(0); }
  const Tensor& alpha() const { return p(1); }
};

} // namespace

Distribution Pareto::make(const Tensor& scale, const Tensor& alpha, Where where) {
  return Distribution(share<ParetoDensity>(scale, alpha, where));
}

} // namespace nuthatch
