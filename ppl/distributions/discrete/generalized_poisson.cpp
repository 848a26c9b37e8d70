#include "nuthatch/distributions/generalized_poisson.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"
#include "ppl/distributions/discrete/summation.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch {
namespace {

struct Progeny { Tensor total, generation, i; };

class GeneralizedPoissonMass final : public detail::Family<GeneralizedPoissonMass, 2> {
 public:
  GeneralizedPoissonMass(const Tensor& mu, const Tensor& lam, Where where)
      : Family("GeneralizedPoisson",
               {{"mu", mu, constraints::positive}, {"lam", lam, constraints::interval(0.0, 1.0)}}, {}, where) {}
  Constraint support() const override { return constraints::nonnegative_integer; }
  detail::Terms terms(const Tensor& x) const override {
    return {{(x - 1.0) * log(mu() + lam() * x) - lam() * x}, {log(mu()) - mu()}, {lgamma(x + 1.0), -1.0}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    auto generation = [&](const Tensor& i, const Tensor& rate) {
      return detail::poisson(fold_in(key, i), rate, shape).cast(f64);
    };
    Tensor ancestors = generation(0, detail::broadcast_if_needed(mu().cast(f64), shape));
    Progeny last = while_loop(
        Progeny{ancestors, ancestors, Tensor(1)}, [&](const Progeny& s) { return any_of(s.generation > 0.0); },
        [&](const Progeny& s) {
          Tensor children = generation(s.i, lam() * s.generation);
          return Progeny{s.total + children, children, s.i + 1};
        });
    return last.total.cast(i64);
  }
  Tensor mean() const override { return mu() / (1.0 - lam()); }
  Tensor variance() const override { return mu() / cube(1.0 - lam()); }
  Tensor mode() const override { return detail::mode_by_search(*this, mean(), 0.0, INFINITY); }
  Tensor entropy() const override { return detail::entropy_by_summation(*this, 0.0, negligible(0.0)); }
  Tensor support_point() const override { return floor(mean()); }
  Tensor cdf(const Tensor& k) const override { return between(0.0, minimum(k, negligible(0.0))); }
  Tensor survival(const Tensor& k) const override { return between(k + 1.0, negligible(k)); }
  Tensor log_cdf(const Tensor& k) const override { return detail::log_probability(cdf(k), survival(k)); }
  Tensor log_survival(const Tensor& k) const override { return detail::log_probability(survival(k), cdf(k)); }
  Tensor icdf(const Tensor& q) const override {
    return detail::count_quantile(q, mean(), sqrt(variance()), 0.0, INFINITY, [&](const Tensor& k) { return cdf(k); });
  }

 private:
  const Tensor& mu() const { return p(0); }
  const Tensor& lam() const { return p(1); }
  /// A number beyond which, seen from k, the mass is below 1e-17 of what is before: p(x + 1) / p(x) -> lam exp(1 -
  /// lam).
  Tensor negligible(const Tensor& k) const {
    Tensor rate = lam() - 1.0 - log(lam());
    return ceil(maximum(k, mean() + 12.0 * sqrt(variance())) + 45.0 / rate + 45.0);
  }
  Tensor between(const Tensor& low, const Tensor& high) const {
    auto mass = [&](const Tensor& i) { return exp(DistributionImpl::log_prob(i)); };
    return minimum(detail::sum_over(low, high, batch_shape, mass), 1.0);
  }
};

}  // namespace

Distribution GeneralizedPoisson::make(const Tensor& mu, const Tensor& lam, Where where) {
  return Distribution(share<GeneralizedPoissonMass>(mu, lam, where));
}

}  // namespace nuthatch
