#include "nuthatch/distributions/extended_generalized_pareto.h"

#include <cmath>

#include "nuthatch/distributions/generalized_pareto.h"
#include "nuthatch/math.h"
#include "ppl/distributions/ratios.h"
#include "ppl/distributions/samplers.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/quantile_quadrature.h"

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
  Tensor mean() const override {
    return select(p(2) < 1.0, p(0) + p(1) * expected([](const Tensor& t) { return t; }, p(2) < 1.0), INFINITY);
  }
  Tensor variance() const override {
    const Tensor finite = p(2) < 0.5, m = expected([](const Tensor& t) { return t; }, finite);
    const Tensor spread = expected([&](const Tensor& t) { return square(t - m); }, finite);
    return select(finite, square(p(1)) * spread, select(p(2) < 1.0, Tensor(INFINITY), NAN));
  }
  /// In the cumulative hazard y of the base, log p = (kappa - 1) log(1 - exp(-y)) - (1 + shape) y; 1 - exp(-y) is the
  /// kappa-th root of a uniform number.
  Tensor entropy() const override {
    return -log(kappa()) + (kappa() - 1.0) / kappa() + log(p(1)) + (1.0 + p(2)) * (digamma(kappa() + 1.0) + detail::kEuler);
  }
  Tensor mode() const override {
    const Tensor inside = (kappa() > 1.0) & (p(2) > -1.0), slope = select(inside, 1.0 + p(2), 1.0);
    const Tensor y = select(inside, log1p(select(inside, kappa() - 1.0, 0.0) / slope), 0.0);
    return select(p(2) > -1.0, p(0) + p(1) * y * detail::expm1_ratio(p(2) * y), NAN);
  }
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
  /// E f((X - loc) / scale), where it is finite.
  template <class F>
  Tensor expected(F&& f, const Tensor& finite) const {
    const Tensor shape = select(finite, p(2), 0.0);
    return detail::integrate_quantiles(batch_shape, [&](const Tensor& u, const Tensor& complement) {
      const Tensor low = u < 0.5, log_u = select(low, log(select(low, u, 0.5)), log1p(-select(low, 0.5, complement)));
      const Tensor y = -log1mexp(-log_u / kappa());
      return f(y * detail::expm1_ratio(shape * y));
    });
  }
  Distribution base_;
};

} // namespace

Distribution ExtendedGeneralizedPareto::make(const Tensor& loc, const Tensor& scale, const Tensor& shape,
                                             const Tensor& kappa, Where where) {
  return Distribution(share<ExtendedGeneralizedParetoDensity>(loc, scale, shape, kappa, where));
}

} // namespace nuthatch
