#include "nuthatch/distributions/gamma_poisson.h"

#include "ppl/distributions/discrete/negative_binomial_family.h"

namespace nuthatch {
namespace {

class GammaPoissonDensity final : public detail::NegativeBinomialFamily<GammaPoissonDensity> {
 public:
   GammaPoissonDensity(const Tensor& concentration, const Tensor& rate, Where where)
       : NegativeBinomialFamily(
             "GammaPoisson",
             {{"concentration", concentration, constraints::positive}, {"rate", rate, constraints::positive}}, {},
             where) {}
   detail::Terms terms(const Tensor& x) const override {
     return {{lgamma(x + p(0)) - x * log1p(p(1))}, {-p(0) * log1p(1.0 / p(1)) - lgamma(p(0))}, {lgamma(x + 1.0), -1.0}};
  }
  Tensor concentration() const override { return p(0); }
  Tensor success() const override { return 1.0 / (1.0 + p(1)); }
  Tensor failure() const override { return p(1) / (1.0 + p(1)); }
  Tensor odds() const override { return 1.0 / p(1); }
};

}  // namespace

Distribution GammaPoisson::make(const Tensor& concentration, const Tensor& rate, Where where) {
  return Distribution(share<GammaPoissonDensity>(concentration, rate, where));
}

}  // namespace nuthatch
