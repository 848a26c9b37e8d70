#include "nuthatch/distributions/discrete_weibull.h"

#include "nuthatch/array.h"
#include "nuthatch/math.h"
#include "ppl/distributions/discrete/summation.h"

namespace nuthatch {
namespace {

class DiscreteWeibullMass final : public detail::Family<DiscreteWeibullMass, 2> {
 public:
  DiscreteWeibullMass(const Tensor& q, const Tensor& beta, Where where)
      : Family("DiscreteWeibull", {{"q", q, constraints::unit_interval}, {"beta", beta, constraints::positive}}, {},
               where) {}
  Constraint support() const override { return constraints::nonnegative_integer; }
  Tensor log_prob(const Tensor& x) const override {
    // (x + 1)^b - x^b without cancellation.
    Tensor at = maximum(x.cast(f64), 1.0), positive = x > 0.0;
    Tensor power = select(positive, pow(at, b()), 0.0);
    Tensor step = select(positive, power * expm1(b() * log1p(1.0 / at)), 1.0);
    return power * log(q()) + log1mexp(-step * log(q()));
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return icdf_of_survival(log1p(-uniform(key, shape))).cast(i64);
  }
  Tensor support_point() const override { return icdf(0.5); }
  Tensor mean() const override {
    return detail::sum_of_smooth(end(), batch_shape, [&](const Tensor& k) { return survival(k); });
  }
  Tensor variance() const override {
    const Tensor m = mean();
    return detail::sum_of_smooth(end(), batch_shape,
                                 [&](const Tensor& k) { return square(k - m) * exp(log_prob(k)); });
  }
  Tensor entropy() const override {
    return detail::sum_of_smooth(end(), batch_shape, [&](const Tensor& k) {
      const Tensor l = log_prob(k), some = l > -700.0;
      return select(some, -exp(l) * select(some, l, 0.0), 0.0);
    });
  }
  Tensor log_survival(const Tensor& k) const override { return pow(k + 1.0, b()) * log(q()); }
  Tensor survival(const Tensor& k) const override { return exp(log_survival(k)); }
  Tensor cdf(const Tensor& k) const override { return -expm1(log_survival(k)); }
  Tensor icdf(const Tensor& u) const override {
    Tensor k = icdf_of_survival(log1p(-u));
    k = select((k > 0.0) & (cdf(maximum(k, 1.0) - 1.0) >= u), k - 1.0, k);
    return select(cdf(k) < u, k + 1.0, k);
  }

 private:
  const Tensor& q() const { return p(0); }
  const Tensor& b() const { return p(1); }
  /// The survival function there is exp(-300).
  Tensor end() const { return pow(-300.0 / log(q()), 1.0 / b()); }
  Tensor icdf_of_survival(const Tensor& log_s) const {
    return maximum(ceil(pow(log_s / log(q()), 1.0 / b())) - 1.0, 0.0);
  }
};

}  // namespace

Distribution DiscreteWeibull::make(const Tensor& q, const Tensor& beta, Where where) {
  return Distribution(share<DiscreteWeibullMass>(q, beta, where));
}

}  // namespace nuthatch
