#include "nuthatch/distributions/binomial.h"

#include "nuthatch/math.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch {
namespace {

class BinomialProbs final : public detail::Family<BinomialProbs, 2> {
 public:
  BinomialProbs(const Tensor& total_count, const Tensor& probs, Where where)
      : Family("Binomial",
               {{"total_count", total_count, constraints::nonnegative_integer},
                {"probs", probs, constraints::unit_interval}},
               {}, where) {}
  Constraint support() const override { return constraints::integer_interval(0.0, n()); }
  detail::Terms terms(const Tensor& x) const override {
    return {{xlogy(x, probs()) + xlog1py(n() - x, -probs())}, {log_binomial(n(), x)}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override { return detail::binomial(key, n(), probs(), shape); }
  Tensor mean() const override { return n() * probs(); }
  Tensor variance() const override { return n() * probs() * (1.0 - probs()); }

 private:
  const Tensor& n() const { return p(0); }
  const Tensor& probs() const { return p(1); }
};

class BinomialLogitsDensity final : public detail::Family<BinomialLogitsDensity, 2> {
 public:
  BinomialLogitsDensity(const Tensor& total_count, const Tensor& logits, Where where)
      : Family("Binomial",
               {{"total_count", total_count, constraints::nonnegative_integer}, {"logits", logits, constraints::real}},
               {}, where) {}
  Constraint support() const override { return constraints::integer_interval(0.0, n()); }
  detail::Terms terms(const Tensor& x) const override {
    return {{x * logits() - n() * softplus(logits())}, {log_binomial(n(), x)}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return detail::binomial(key, n(), logistic(logits()), shape);
  }
  Tensor mean() const override { return n() * logistic(logits()); }
  Tensor variance() const override { return n() * logistic(logits()) * logistic(-logits()); }

 private:
  const Tensor& n() const { return p(0); }
  const Tensor& logits() const { return p(1); }
};

}  // namespace

Distribution Binomial::make(const Tensor& total_count, const Tensor& probs, Where where) {
  return Distribution(std::make_shared<BinomialProbs>(total_count, probs, where));
}
Binomial::Binomial(const BinomialLogits& options, Where where)
    : Distribution(std::make_shared<BinomialLogitsDensity>(options.total_count, options.logits, where)) {}

}  // namespace nuthatch
