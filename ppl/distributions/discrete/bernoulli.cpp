#include "nuthatch/distributions/bernoulli.h"

#include "nuthatch/array.h"
#include "nuthatch/math.h"

namespace nuthatch {
namespace {

/// The distribution function is wanted between the values only, where it is the probability of 0.
class BernoulliProbs final : public detail::Family<BernoulliProbs, 1> {
 public:
  BernoulliProbs(const Tensor& probs, Where where)
      : Family("Bernoulli", {{"probs", probs, constraints::unit_interval}}, {}, where) {}
  Constraint support() const override { return constraints::boolean; }
  Tensor log_prob(const Tensor& x) const override { return log(select(x != 0.0, probs(), 1.0 - probs())); }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return nuthatch::bernoulli(key, probs(), shape).cast(i64);
  }
  Tensor mean() const override { return probs(); }
  Tensor variance() const override { return probs() * (1.0 - probs()); }
  Tensor mode() const override { return select(probs() > 0.5, 1.0, 0.0); }
  Tensor support_point() const override { return mode(); }
  Tensor entropy() const override { return -xlogy(probs(), probs()) - xlog1py(1.0 - probs(), -probs()); }
  Tensor cdf(const Tensor& x) const override { return 1.0 - probs() + zeros_like(x.cast(f64)); }
  Tensor log_cdf(const Tensor& x) const override { return log1p(-probs()) + zeros_like(x.cast(f64)); }
  Tensor survival(const Tensor& x) const override { return probs() + zeros_like(x.cast(f64)); }
  Tensor icdf(const Tensor& q) const override { return select(q <= 1.0 - probs(), 0.0, 1.0); }
  Tensor enumerate_support() const override { return arange(2); }

 private:
  const Tensor& probs() const { return p(0); }
};

class BernoulliLogits final : public detail::Family<BernoulliLogits, 1> {
 public:
  BernoulliLogits(const Tensor& logits, Where where)
      : Family("Bernoulli", {{"logits", logits, constraints::real}}, {}, where) {}
  Constraint support() const override { return constraints::boolean; }
  Tensor log_prob(const Tensor& x) const override { return x * logits() - softplus(logits()); }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return nuthatch::bernoulli(key, sigmoid(logits()), shape).cast(i64);
  }
  Tensor mean() const override { return sigmoid(logits()); }
  Tensor variance() const override { return sigmoid(logits()) * sigmoid(-logits()); }
  Tensor mode() const override { return select(logits() > 0.0, 1.0, 0.0); }
  Tensor support_point() const override { return mode(); }
  // Each summand is positive, so that none of it cancels for large logits: p softplus(-l) + (1 - p) softplus(l).
  Tensor entropy() const override {
    return sigmoid(logits()) * softplus(-logits()) + sigmoid(-logits()) * softplus(logits());
  }
  Tensor cdf(const Tensor& x) const override { return sigmoid(-logits()) + zeros_like(x.cast(f64)); }
  Tensor log_cdf(const Tensor& x) const override { return -softplus(logits()) + zeros_like(x.cast(f64)); }
  Tensor survival(const Tensor& x) const override { return sigmoid(logits()) + zeros_like(x.cast(f64)); }
  Tensor log_survival(const Tensor& x) const override { return -softplus(-logits()) + zeros_like(x.cast(f64)); }
  Tensor icdf(const Tensor& q) const override { return select(q <= sigmoid(-logits()), 0.0, 1.0); }
  Tensor enumerate_support() const override { return arange(2); }

 private:
  const Tensor& logits() const { return p(0); }
};

}  // namespace

Distribution Bernoulli::make(const Tensor& probs, Where where) {
  return Distribution(share<BernoulliProbs>(probs, where));
}
Bernoulli::Bernoulli(const Logits& options, Where where)
    : Distribution(share<BernoulliLogits>(options.logits, where)) {}

}  // namespace nuthatch
