#include "nuthatch/distributions/extended_generalized_pareto.h"

#include <cmath>

#include "nuthatch/distributions/generalized_pareto.h"
#include "nuthatch/math.h"
#include "ppl/distributions/ratios.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch {
namespace {

class ExtendedGeneralizedParetoDensity final : public detail::Family<ExtendedGeneralizedParetoDensity, 4> {
 public:
  ExtendedGeneralizedParetoDensity(const Tensor& loc, const Tensor& scale, const Tensor& shape, const Tensor& kappa,
                                   Where where)
      : Family("ExtendedGeneralizedPareto",
               {{"loc", loc, constraints::real},
                {"scale", scale, constraints::positive},
                {"shape", shape, constraints::real},
                {"kappa", kappa, constraints::positive}},
               {}, where),
        base_(GeneralizedPareto(loc, scale, shape, where)) {}
  Constraint support() const override { return base_.support(); }
  Tensor log_prob(const Tensor& x) const override {
    Tensor density = base_.log_prob_in_support(x);
    const Tensor inside = density > -INFINITY;
    return select(inside, log(kappa()) + (kappa() - 1.0) * base_.log_cdf(select(inside, x, icdf(0.5))) + density,
                  -INFINITY);
  }
  Tensor sample(const Key& key, const Shape& shape) const override { return icdf(detail::open_uniform(key, shape)); }
  bool has_rsample() const override { return true; }
  Tensor support_point() const override { return icdf(0.5); }
  Tensor cdf(const Tensor& x) const override { return exp(log_cdf(x)); }
  Tensor log_cdf(const Tensor& x) const override { return kappa() * base_.log_cdf(x); }
  Tensor survival(const Tensor& x) const override { return -expm1(log_cdf(x)); }
  Tensor icdf(const Tensor& q) const override {
    // Where the cumulative hazard of the base is y: exp(-y) = 1 - q^(1 / kappa), which keeps its digits as 1 - exp(-t).
    Tensor y = -log1mexp(-log(q) / kappa());
    return p(0) + p(1) * y * detail::expm1_ratio(p(2) * y);
  }

 private:
  const Tensor& kappa() const { return p(3); }
  Distribution base_;
};

} // namespace

Distribution ExtendedGeneralizedPareto::make(const Tensor& loc, const Tensor& scale, const Tensor& shape,
                                             const Tensor& kappa, Where where) {
  return Distribution(std::make_shared<ExtendedGeneralizedParetoDensity>(loc, scale, shape, kappa, where));
}

} // namespace nuthatch
