#pragma once
/// What the forms of the negative binomial distribution share: X ~ Poisson(Gamma(concentration)), with the probability
/// p that the next event is a count and 1 - p that it is one of `concentration` stops.
#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/detail/distribution_impl.h"
#include "nuthatch/math.h"
#include "nuthatch/special.h"
#include "ppl/distributions/discrete/summation.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch::detail {

template <class Self>
class NegativeBinomialFamily : public Family<Self, 2> {
 public:
  using Family<Self, 2>::Family;
  virtual Tensor concentration() const = 0;
  virtual Tensor success() const = 0;  // p
  virtual Tensor failure() const = 0;  // 1 - p
  virtual Tensor odds() const = 0;     // p / (1 - p)

  Constraint support() const override { return constraints::nonnegative_integer; }
  Tensor sample(const Key& key, const Shape& shape) const override {
    auto [k_rate, k_count] = split<2>(key);
    return poisson(k_count, standard_gamma(k_rate, concentration(), shape) * odds(), shape);
  }
  Tensor mean() const override { return concentration() * odds(); }
  Tensor variance() const override { return concentration() * odds() * (1.0 + odds()); }
  Tensor mode() const override { return floor(maximum(concentration() - 1.0, 0.0) * odds()); }
  Tensor support_point() const override { return floor(mean()); }
  /// Summed to where the mass that is left is below rounding: p(x + 1) / p(x) -> p for large x.
  Tensor entropy() const override {
    const Tensor last = ceil(mean() + 12.0 * sqrt(variance()) + 45.0 / -log(success()) + 45.0);
    return entropy_by_summation(*this, 0.0, last);
  }
  // P(X <= k) = I_{1-p}(concentration, k + 1).
  Tensor cdf(const Tensor& k) const override { return betainc(concentration(), k + 1.0, failure()); }
  Tensor survival(const Tensor& k) const override { return betainc(k + 1.0, concentration(), success()); }
  Tensor log_cdf(const Tensor& k) const override { return log_probability(cdf(k), survival(k)); }
  Tensor log_survival(const Tensor& k) const override { return log_probability(survival(k), cdf(k)); }
  Tensor icdf(const Tensor& q) const override {
    return count_quantile(q, mean(), sqrt(variance()), 0.0, INFINITY, [&](const Tensor& k) { return cdf(k); });
  }
};

}  // namespace nuthatch::detail
