#include "nuthatch/distributions/negative_binomial.h"

#include "ppl/distributions/discrete/negative_binomial_family.h"

namespace nuthatch {
namespace {

class ByMean final : public detail::NegativeBinomialFamily<ByMean> {
 public:
   ByMean(const Tensor& mean, const Tensor& concentration, Where where)
       : NegativeBinomialFamily(
             "NegativeBinomial",
             {{"mean", mean, constraints::positive}, {"concentration", concentration, constraints::positive}}, {},
             where) {}
   detail::Terms terms(const Tensor& x) const override {
     Tensor log_total = log(mu() + c());
     return {{lgamma(x + c()) + x * (log(mu()) - log_total)},
             {c() * (log(c()) - log_total) - lgamma(c())},
             {lgamma(x + 1.0), -1.0}};
  }
  Tensor concentration() const override { return c(); }
  Tensor success() const override { return mu() / (mu() + c()); }
  Tensor failure() const override { return c() / (mu() + c()); }
  Tensor odds() const override { return mu() / c(); }

 private:
  const Tensor& mu() const { return p(0); }
  const Tensor& c() const { return p(1); }
};

class ByProbs final : public detail::NegativeBinomialFamily<ByProbs> {
 public:
  ByProbs(const Tensor& total_count, const Tensor& probs, Where where)
      : NegativeBinomialFamily(
            "NegativeBinomial",
            {{"total_count", total_count, constraints::positive}, {"probs", probs, constraints::unit_interval}}, {},
            where) {}
  detail::Terms terms(const Tensor& x) const override {
    return {{lgamma(x + p(0)) + xlogy(x, p(1))}, {p(0) * log1p(-p(1)) - lgamma(p(0))}, {lgamma(x + 1.0), -1.0}};
  }
  Tensor concentration() const override { return p(0); }
  Tensor success() const override { return p(1); }
  Tensor failure() const override { return 1.0 - p(1); }
  Tensor odds() const override { return p(1) / (1.0 - p(1)); }
};

class ByLogits final : public detail::NegativeBinomialFamily<ByLogits> {
 public:
  ByLogits(const Tensor& total_count, const Tensor& logits, Where where)
      : NegativeBinomialFamily(
            "NegativeBinomial",
            {{"total_count", total_count, constraints::positive}, {"logits", logits, constraints::real}}, {}, where) {}
  detail::Terms terms(const Tensor& x) const override {
    return {{lgamma(x + p(0)) - x * softplus(-p(1))}, {-p(0) * softplus(p(1)) - lgamma(p(0))}, {lgamma(x + 1.0), -1.0}};
  }
  Tensor concentration() const override { return p(0); }
  Tensor success() const override { return sigmoid(p(1)); }
  Tensor failure() const override { return sigmoid(-p(1)); }
  Tensor odds() const override { return exp(p(1)); }
};

Distribution chosen(const NegativeBinomialOptions& o, Where where) {
  const bool by_mean = o.mean.defined() || o.concentration.defined(), probs = o.probs.defined(),
             logits = o.logits.defined();
  if (by_mean == o.total_count.defined() || (by_mean && (probs || logits)) || (!by_mean && probs == logits))
    throw Error("NegativeBinomial: give mean and concentration, or total_count and probs, or total_count and logits",
                where);
  if (by_mean) return Distribution(share<ByMean>(o.mean, o.concentration, where));
  if (probs) return Distribution(share<ByProbs>(o.total_count, o.probs, where));
  return Distribution(share<ByLogits>(o.total_count, o.logits, where));
}

}  // namespace

NegativeBinomial::NegativeBinomial(const NegativeBinomialOptions& options, Where where)
    : Distribution(chosen(options, where)) {}

}  // namespace nuthatch
