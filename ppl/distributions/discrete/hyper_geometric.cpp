#include "nuthatch/distributions/hyper_geometric.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/math.h"
#include "ppl/distributions/discrete/summation.h"

namespace nuthatch {
namespace {

struct Urn { Tensor marked, i; };

class HyperGeometricMass final : public detail::Family<HyperGeometricMass, 3> {
 public:
  HyperGeometricMass(const Tensor& population, const Tensor& successes, const Tensor& draws, Where where)
      : Family("HyperGeometric",
               {{"population", population, constraints::nonnegative_integer},
                {"successes", successes, constraints::integer_interval(0.0, population)},
                {"draws", draws, constraints::integer_interval(0.0, population)}},
               {}, where) {}
  Constraint support() const override { return constraints::integer_interval(lowest(), highest()); }
  detail::Terms terms(const Tensor& x) const override {
    return {{log_binomial(K(), x) + log_binomial(N() - K(), n() - x)}, {log_binomial(N(), n()), -1.0}};
  }
  /// Drawing n of K marked items is drawing K of n: the loop takes the smaller number.
  Tensor sample(const Key& key, const Shape& shape) const override {
    Tensor steps = minimum(n(), K()), of = maximum(n(), K());
    Urn last = while_loop(
        Urn{zeros(shape), Tensor(0.0)}, [&](const Urn& u) { return any_of(steps > u.i); },
        [&](const Urn& u) {
          Tensor chance = (of - u.marked) / maximum(N() - u.i, 1.0);
          Tensor hit = (uniform(fold_in(key, u.i.cast(i64)), shape) < chance) & (steps > u.i);
          return Urn{u.marked + hit.cast(f64), u.i + 1.0};
        });
    return last.marked.cast(i64);
  }
  Tensor mean() const override { return select(N() > 0.0, n() * K() / maximum(N(), 1.0), 0.0); }
  Tensor variance() const override {
    Tensor many = N() > 1.0, m = select(many, N(), 2.0);
    return select(many, n() * (K() / m) * ((m - K()) / m) * ((m - n()) / (m - 1.0)), 0.0);
  }
  Tensor mode() const override { return clamp(floor((n() + 1.0) * (K() + 1.0) / (N() + 2.0)), lowest(), highest()); }
  Tensor support_point() const override { return mode(); }
  Tensor entropy() const override {
    return detail::sum_over(lowest(), highest(), batch_shape, [&](const Tensor& k) {
      Tensor l = DistributionImpl::log_prob(k);
      return -l * exp(l);
    });
  }
  Tensor cdf(const Tensor& k) const override { return between(lowest(), minimum(k, highest())); }
  Tensor survival(const Tensor& k) const override { return between(maximum(k + 1.0, lowest()), highest()); }
  Tensor log_cdf(const Tensor& k) const override { return detail::log_probability(cdf(k), survival(k)); }
  Tensor log_survival(const Tensor& k) const override { return detail::log_probability(survival(k), cdf(k)); }
  Tensor icdf(const Tensor& q) const override {
    return detail::count_quantile(q, mean(), sqrt(variance()), lowest(), highest(),
                                  [&](const Tensor& k) { return cdf(k); });
  }
  Tensor enumerate_support() const override {
    Tensor a = lowest(), b = highest();
    auto first = detail::common_count(a), last = detail::common_count(b);
    return first && last ? arange(*first, *last + 1) : Tensor();
  }

 private:
  Tensor N() const { return p(0).cast(f64); }
  Tensor K() const { return p(1).cast(f64); }
  Tensor n() const { return p(2).cast(f64); }
  Tensor lowest() const { return maximum(n() + K() - N(), 0.0); }
  Tensor highest() const { return minimum(n(), K()); }
  Tensor between(const Tensor& low, const Tensor& high) const {
    auto mass = [&](const Tensor& i) { return exp(DistributionImpl::log_prob(i)); };
    return minimum(detail::sum_over(low, high, batch_shape, mass), 1.0);
  }
};

}  // namespace

Distribution HyperGeometric::make(const Tensor& population, const Tensor& successes, const Tensor& draws, Where where) {
  return Distribution(share<HyperGeometricMass>(population, successes, draws, where));
}

}  // namespace nuthatch
