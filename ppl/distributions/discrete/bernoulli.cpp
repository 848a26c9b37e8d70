#include "nuthatch/distributions/bernoulli.h"

#include "nuthatch/math.h"

namespace nuthatch {
namespace {

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
  Tensor entropy() const override { return -xlogy(probs(), probs()) - xlog1py(1.0 - probs(), -probs()); }

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
    return nuthatch::bernoulli(key, logistic(logits()), shape).cast(i64);
  }
  Tensor mean() const override { return logistic(logits()); }
  Tensor variance() const override { return logistic(logits()) * logistic(-logits()); }
  Tensor entropy() const override { return softplus(logits()) - logits() * logistic(logits()); }

 private:
  const Tensor& logits() const { return p(0); }
};

}  // namespace

Distribution Bernoulli::make(const Tensor& probs, Where where) {
  return Distribution(std::make_shared<BernoulliProbs>(probs, where));
}
Bernoulli::Bernoulli(const Logits& options, Where where)
    : Distribution(std::make_shared<BernoulliLogits>(options.logits, where)) {}

}  // namespace nuthatch
