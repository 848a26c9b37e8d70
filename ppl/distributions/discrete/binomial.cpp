#include "nuthatch/distributions/binomial.h"

#include "nuthatch/array.h"
#include "nuthatch/math.h"
#include "nuthatch/special.h"
#include "ppl/distributions/discrete/summation.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch {
namespace {

/// What both forms share, in terms of the probabilities of a success and of a failure.
template <class Self>
class BinomialBase : public detail::Family<Self, 2> {
 public:
  using detail::Family<Self, 2>::Family;
  virtual Tensor success() const = 0;
  virtual Tensor failure() const = 0;

  const Tensor& n() const { return this->p(0); }
  Constraint support() const override { return constraints::integer_interval(0.0, n()); }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return detail::binomial(key, n(), success(), shape);
  }
  Tensor mean() const override { return n() * success(); }
  Tensor variance() const override { return n() * success() * failure(); }
  Tensor mode() const override { return minimum(floor((n() + 1.0) * success()), n().cast(f64)); }
  Tensor support_point() const override { return mode(); }
  Tensor entropy() const override {
    return detail::sum_over(0.0, n().cast(f64), this->batch_shape, [&](const Tensor& k) {
      Tensor l = this->DistributionImpl::log_prob(k);
      return select(l > -1e300, -l * exp(l), 0.0);
    });
  }
  // P(X <= k) = I_{1-p}(n - k, k + 1), for k < n.
  Tensor cdf(const Tensor& k) const override { return betainc(n() - k, k + 1.0, failure()); }
  Tensor survival(const Tensor& k) const override { return betainc(k + 1.0, n() - k, success()); }
  Tensor log_cdf(const Tensor& k) const override { return detail::log_probability(cdf(k), survival(k)); }
  Tensor log_survival(const Tensor& k) const override { return detail::log_probability(survival(k), cdf(k)); }
  Tensor icdf(const Tensor& q) const override {
    const Tensor top = n().cast(f64);
    return detail::count_quantile(q, mean(), sqrt(variance()), 0.0, top, [&](const Tensor& k) {
      // At k = n the first argument of the incomplete beta function would be 0.
      return select(k >= top, 1.0, cdf(minimum(k, top - 1.0)));
    });
  }
  Tensor enumerate_support() const override {
    auto count = detail::common_count(n());
    return count ? arange(*count + 1) : Tensor();
  }
};

class BinomialProbs final : public BinomialBase<BinomialProbs> {
 public:
  BinomialProbs(const Tensor& total_count, const Tensor& probs, Where where)
      : BinomialBase("Binomial",
                     {{"total_count", total_count, constraints::nonnegative_integer},
                      {"probs", probs, constraints::unit_interval}},
                     {}, where) {}
  detail::Terms terms(const Tensor& x) const override {
    return {{xlogy(x, p(1)) + xlog1py(n() - x, -p(1))}, {log_binomial(n(), x)}};
  }
  Tensor success() const override { return p(1); }
  Tensor failure() const override { return 1.0 - p(1); }
};

class BinomialLogitsDensity final : public BinomialBase<BinomialLogitsDensity> {
 public:
  BinomialLogitsDensity(const Tensor& total_count, const Tensor& logits, Where where)
      : BinomialBase("Binomial",
                     {{"total_count", total_count, constraints::nonnegative_integer},
                      {"logits", logits, constraints::real}},
                     {}, where) {}
  detail::Terms terms(const Tensor& x) const override {
    return {{x * p(1) - n() * softplus(p(1))}, {log_binomial(n(), x)}};
  }
  Tensor success() const override { return sigmoid(p(1)); }
  Tensor failure() const override { return sigmoid(-p(1)); }
};

}  // namespace

Distribution Binomial::make(const Tensor& total_count, const Tensor& probs, Where where) {
  return Distribution(share<BinomialProbs>(total_count, probs, where));
}
Binomial::Binomial(const BinomialLogits& options, Where where)
    : Distribution(share<BinomialLogitsDensity>(options.total_count, options.logits, where)) {}

}  // namespace nuthatch
