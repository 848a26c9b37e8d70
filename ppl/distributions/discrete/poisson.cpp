#include "nuthatch/distributions/poisson.h"

#include <cmath>

#include "nuthatch/math.h"
#include "nuthatch/special.h"
#include "ppl/distributions/discrete/summation.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch {
namespace {

class PoissonDensity final : public detail::Family<PoissonDensity, 1> {
 public:
  PoissonDensity(const Tensor& rate, Where where)
      : Family("Poisson", {{"rate", rate, constraints::nonnegative}}, {}, where) {}
  Constraint support() const override { return constraints::nonnegative_integer; }
  detail::Terms terms(const Tensor& x) const override {
    return {{xlogy(x, rate()) - rate()}, {lgamma(x + 1.0), -1.0}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override { return detail::poisson(key, rate(), shape); }
  Tensor mean() const override { return rate(); }
  Tensor variance() const override { return rate(); }
  Tensor mode() const override { return floor(rate()); }
  Tensor support_point() const override { return mode(); }
  /// Summed over 12 standard deviations on either side, and 45 more counts: the mass beyond is below rounding.
  Tensor entropy() const override {
    const Tensor reach = 12.0 * sqrt(rate()) + 45.0;
    return detail::entropy_by_summation(*this, maximum(floor(rate() - reach), 0.0), ceil(rate() + reach));
  }
  // P(X <= k) = Q(k + 1, rate): the probability that a Gamma(k + 1, 1) waiting time exceeds the rate.
  Tensor cdf(const Tensor& k) const override { return igammac(k + 1.0, rate()); }
  Tensor survival(const Tensor& k) const override { return igamma(k + 1.0, rate()); }
  Tensor log_cdf(const Tensor& k) const override { return detail::log_probability(cdf(k), survival(k)); }
  Tensor log_survival(const Tensor& k) const override { return detail::log_probability(survival(k), cdf(k)); }
  Tensor icdf(const Tensor& q) const override {
    return detail::count_quantile(q, rate(), sqrt(rate()), 0.0, INFINITY, [&](const Tensor& k) { return cdf(k); });
  }

 private:
  const Tensor& rate() const { return p(0); }
};

}  // namespace

Distribution Poisson::make(const Tensor& rate, Where where) {
  return Distribution(share<PoissonDensity>(rate, where));
}

}  // namespace nuthatch
