#include "nuthatch/distributions/discrete_uniform.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/math.h"
#include "ppl/distributions/discrete/summation.h"

namespace nuthatch {
namespace {

class DiscreteUniformMass final : public detail::Family<DiscreteUniformMass, 2> {
 public:
  DiscreteUniformMass(const Tensor& low, const Tensor& high, Where where)
      : Family("DiscreteUniform",
               {{"low", low, constraints::integer_interval(-INFINITY, INFINITY)},
                {"high", high, constraints::integer_interval(low, INFINITY)}},
               {}, where) {}
  Constraint support() const override { return constraints::integer_interval(p(0), p(1)); }
  Tensor log_prob(const Tensor&) const override { return -log(count()); }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return minimum(low() + floor(uniform(key, shape) * count()), high()).cast(i64);
  }
  Tensor mean() const override { return 0.5 * (low() + high()); }
  Tensor variance() const override { return (square(count()) - 1.0) / 12.0; }
  Tensor mode() const override { return low() + zeros_like(count()); }
  Tensor support_point() const override { return floor(mean()); }
  Tensor entropy() const override { return log(count()); }
  Tensor cdf(const Tensor& k) const override { return (k - low() + 1.0) / count(); }
  Tensor survival(const Tensor& k) const override { return (high() - k) / count(); }
  Tensor icdf(const Tensor& q) const override {
    Tensor k = low() + maximum(ceil(q * count()) - 1.0, 0.0);
    return select((k > low()) & (cdf(k - 1.0) >= q), k - 1.0, k);
  }
  Tensor enumerate_support() const override {
    auto a = detail::common_count(p(0)), b = detail::common_count(p(1));
    return a && b ? arange(*a, *b + 1) : Tensor();
  }

 private:
  Tensor low() const { return p(0).cast(f64); }
  Tensor high() const { return p(1).cast(f64); }
  Tensor count() const { return high() - low() + 1.0; }
};

}  // namespace

Distribution DiscreteUniform::make(const Tensor& low, const Tensor& high, Where where) {
  return Distribution(share<DiscreteUniformMass>(low, high, where));
}

}  // namespace nuthatch
