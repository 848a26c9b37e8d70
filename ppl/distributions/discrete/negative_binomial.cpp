#include "nuthatch/distributions/negative_binomial.h"

#include "nuthatch/math.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch {
namespace {

class NegativeBinomialDensity final : public detail::Family<NegativeBinomialDensity, 2> {
 public:
  NegativeBinomialDensity(const Tensor& mean, const Tensor& concentration, Where where)
      : Family("NegativeBinomial",
               {{"mean", mean, constraints::positive}, {"concentration", concentration, constraints::positive}}, {},
               where) {}
  Constraint support() const override { return constraints::nonnegative_integer; }
  detail::Terms terms(const Tensor& x) const override {
    Tensor log_total = log(mu() + c());
    return {{lgamma(x + c()) + x * (log(mu()) - log_total)},
            {c() * (log(c()) - log_total) - lgamma(c())},
            {lgamma(x + 1.0), -1.0}};
  }
  /// A Poisson whose rate is Gamma(c, c / mean).
  Tensor sample(const Key& key, const Shape& shape) const override {
    auto [k_rate, k_count] = split<2>(key);
    return detail::poisson(k_count, detail::standard_gamma(k_rate, c(), shape) * (mu() / c()), shape);
  }
  Tensor mean() const override { return mu(); }
  Tensor variance() const override { return mu() + square(mu()) / c(); }

 private:
  const Tensor& mu() const { return p(0); }
  const Tensor& c() const { return p(1); }
};

}  // namespace

NegativeBinomial::NegativeBinomial(const MeanConcentration& options, Where where)
    : Distribution(std::make_shared<NegativeBinomialDensity>(options.mean, options.concentration, where)) {}

}  // namespace nuthatch
