#include "nuthatch/distributions/beta_binomial.h"

#include "nuthatch/array.h"
#include "nuthatch/math.h"
#include "ppl/distributions/discrete/summation.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch {
namespace {

class BetaBinomialMass final : public detail::Family<BetaBinomialMass, 3> {
 public:
  BetaBinomialMass(const Tensor& concentration1, const Tensor& concentration0, const Tensor& total_count, Where where)
      : Family("BetaBinomial",
               {{"concentration1", concentration1, constraints::positive},
                {"concentration0", concentration0, constraints::positive},
                {"total_count", total_count, constraints::nonnegative_integer}},
               {}, where) {}
  Constraint support() const override { return constraints::integer_interval(0.0, n()); }
  detail::Terms terms(const Tensor& x) const override {
    return {{betaln(x + a(), n() - x + b())}, {log_binomial(n(), x)}, {betaln(a(), b()), -1.0}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    auto [k1, k0, k_count] = split<3>(key);
    // Beta as the share of one gamma in two, from their logarithms.
    Tensor logit_p = detail::log_standard_gamma(k1, a(), shape) - detail::log_standard_gamma(k0, b(), shape);
    return detail::binomial(k_count, n(), sigmoid(logit_p), shape);
  }
  Tensor mean() const override { return n() * a() / (a() + b()); }
  Tensor variance() const override {
    Tensor t = a() + b();
    return n() * a() * b() * (t + n()) / (square(t) * (t + 1.0));
  }
  Tensor mode() const override {
    auto largest = detail::largest_count(p(2));
    if (!largest) return {};
    return detail::argmax_over(*largest, batch_shape,
                               [&](const Tensor& k) { return select(k <= n(), mass(k), -1.0); });
  }
  Tensor support_point() const override { return floor(mean()); }
  Tensor entropy() const override {
    return detail::sum_over(0.0, n(), batch_shape, [&](const Tensor& k) {
      Tensor l = DistributionImpl::log_prob(k);
      return -l * exp(l);
    });
  }
  Tensor cdf(const Tensor& k) const override {
    return minimum(detail::sum_over(0.0, minimum(k, n()), batch_shape, [&](const Tensor& i) { return mass(i); }), 1.0);
  }
  Tensor survival(const Tensor& k) const override {
    return minimum(detail::sum_over(minimum(k, n()) + 1.0, n(), batch_shape, [&](const Tensor& i) { return mass(i); }),
                   1.0);
  }
  Tensor log_cdf(const Tensor& k) const override { return detail::log_probability(cdf(k), survival(k)); }
  Tensor log_survival(const Tensor& k) const override { return detail::log_probability(survival(k), cdf(k)); }
  Tensor icdf(const Tensor& q) const override {
    return detail::count_quantile(q, mean(), sqrt(variance()), 0.0, n(), [&](const Tensor& k) { return cdf(k); });
  }
  Tensor enumerate_support() const override {
    auto count = detail::common_count(p(2));
    return count ? arange(*count + 1) : Tensor();
  }

 private:
  const Tensor& a() const { return p(0); }
  const Tensor& b() const { return p(1); }
  Tensor n() const { return p(2).cast(f64); }
  Tensor mass(const Tensor& k) const { return exp(DistributionImpl::log_prob(minimum(k, n()))); }
};

}  // namespace

Distribution BetaBinomial::make(const Tensor& concentration1, const Tensor& concentration0, const Tensor& total_count,
                                Where where) {
  return Distribution(share<BetaBinomialMass>(concentration1, concentration0, total_count, where));
}

}  // namespace nuthatch
