#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"
#include "ppl/core/line.h"
#include "ppl/distributions/discrete/summation.h"
#include "ppl/distributions/modified/around.h"
#include "ppl/distributions/modified/bounds.h"
#include "ppl/distributions/quantile_quadrature.h"

namespace nuthatch {
namespace {

class TruncatedDensity final : public detail::Bounded {
 public:
  using Bounded::Bounded;
  Constraint support() const override { return between(); }
  detail::Terms terms(const Tensor& x) const override {
    return {{detail::guarded_log_prob(base_, x)}, {log_mass(), -1.0}};
  }
  bool has_rsample() const override { return !discrete() && base_.has_rsample(); }
  Tensor sample(const Key& key, const Shape& shape) const override {
    if (!base_.has_icdf()) return base_.restricted(support(), where).expand(batch_shape).impl()->sample(key, shape);
    // In the middle of the intervals of the generator: never 0 or 1.
    Tensor u = uniform(key, shape) + 1.1102230246251565e-16;
    Tensor x = quantile(u, 1.0 - u);
    return discrete() ? x.cast(i64) : x;
  }
  Tensor cdf(const Tensor& x) const override { return exp(log_cdf(x)); }
  Tensor survival(const Tensor& x) const override { return exp(log_survival(x)); }
  Tensor log_cdf(const Tensor& x) const override { return of_two(mass_below(x), mass_above(x)); }
  Tensor log_survival(const Tensor& x) const override { return of_two(mass_above(x), mass_below(x)); }
  Tensor icdf(const Tensor& q) const override {
    if (!base_.has_icdf()) return {};
    Tensor x = quantile(q, 1.0 - q);
    if (discrete()) return x;
    // Near a bound little of the base's quantile depends on q; a step of Newton's method brings the digits back.
    auto [low, high] = detail::ends(support());
    Tensor excess = select(q < 0.5, q - cdf(x), survival(x) - (1.0 - q));
    Tensor better = clamp(x + excess * exp(-DistributionImpl::log_prob(x)), low, high);
    return select(abs(better - x) <= 1e-8 * abs(x), better, x);
  }

  Tensor mean() const override {
    return base_.has_mean() || bounded() ? moment([](const Tensor& x) { return x; }) : Tensor();
  }
  Tensor variance() const override {
    if (!base_.has_variance() && !bounded()) return {};
    Tensor m = mean();
    return m.defined() ? moment([&](const Tensor& x) { return square(x - m); }) : m;
  }
  Tensor entropy() const override {
    return expectation([&](const Tensor& x) { return -DistributionImpl::log_prob(x); });
  }
  /// That of the base, moved to the nearest bound: right for densities with one peak.
  Tensor mode() const override {
    if (!base_.has_mode()) return {};
    auto [low, high] = detail::ends(support());
    return clamp(base_.mode(), low, high);
  }
  Tensor support_point() const override {
    Constraint set = support();
    auto [low, high] = detail::ends(set);
    Tensor x = base_.support_point().cast(f64);
    if (discrete()) return clamp(x, low, high);
    return select((x > low) & (x < high), x, set.feasible());
  }
  Tensor enumerate_support() const override {
    if (!discrete()) return {};
    auto [low, high] = detail::ends(support());
    auto finite = [](const Tensor& x) { return !(x.is_weak() && x.is_concrete() && std::isinf(x.item())); };
    if (!finite(low) || !finite(high)) return {};
    auto first = detail::common_count(low), last = detail::common_count(high);
    return first && last ? arange(*first, *last + 1) : Tensor();
  }

 private:
  bool bounded() const { return lower_.defined() && upper_.defined(); }
  Tensor log_mass() const { return detail::log_mass_between(base_, before(), last()); }

  Tensor mass_below(const Tensor& x) const { return detail::log_mass_between(base_, before(), x) - log_mass(); }
  Tensor mass_above(const Tensor& x) const { return detail::log_mass_between(base_, x, last()) - log_mass(); }
  /// The logarithm of a probability: near 1 from that of its complement.
  static Tensor of_two(const Tensor& l, const Tensor& complement) {
    Tensor likely = (l > -0.6931471805599453) & (complement < 0.0);
    return minimum(select(likely, log1mexp(-select(likely, complement, -1.0)), l), 0.0);
  }

  /// The quantile at q = 1 - c.
  Tensor quantile(const Tensor& q, const Tensor& c) const {
    const Tensor a = before(), b = last();
    auto log_F = [&](const Tensor& x, double end) { return x.defined() ? base_.log_cdf(x) : Tensor(end); };
    auto log_S = [&](const Tensor& x, double end) { return x.defined() ? base_.log_survival(x) : Tensor(end); };
    const Tensor Fa = log_F(a, -INFINITY), Fb = log_F(b, 0.0), Sa = log_S(a, 0.0), Sb = log_S(b, -INFINITY);
    // P(X <= x) = (1 - q) P(X <= a) + q P(X <= b) and P(X > x) = (1 - q) P(X > a) + q P(X > b) of the base.
    const Tensor F = Fb + log(q + c * exp(Fa - Fb)), S = Sa + log(c + q * exp(Sb - Sa)), upper = S < F;
    auto [low, high] = detail::ends(support());
    if (discrete())
      return detail::count_quantile(
          select(upper, -S, F), clamp(base_.support_point().cast(f64), low, high), low, high,
          [&](const Tensor& k) { return select(upper, -base_.log_survival(k), base_.log_cdf(k)); });
    auto above = [&](const Tensor& log_s) { return detail::upper_quantile(base_, log_s, high); };
    auto below = [&](const Tensor& log_f) { return detail::lower_quantile(base_, log_f, low); };
    const double half = -0.6931471805599453;
    Tensor x;
    if (upper.is_concrete() && all_of(upper).item<bool>()) x = above(S);
    else if (upper.is_concrete() && !any_of(upper).item<bool>()) x = below(F);
    else x = select(upper, above(select(upper, S, half)), below(select(upper, half, F)));
    x = clamp(x, low, high);
    if (x.is_concrete()) return x;
    Tensor at = stop_gradient(x);
    Tensor tail = select(upper, log_survival(at), log_cdf(at));
    // The derivative in q as well: F(x) = q.
    Tensor moved = detail::with_implicit_derivative(at, tail, DistributionImpl::log_prob(at), upper);
    return moved + (q - stop_gradient(q)) * stop_gradient(exp(-DistributionImpl::log_prob(at)));
  }

  /// E[f(X)]: a sum over known integers, else the integral of f(quantile(u)) over u in (0, 1).
  template <class F>
  Tensor expectation(F&& f) const {
    if (discrete()) {
      Tensor values = enumerate_support();
      if (!values.defined()) return {};
      Shape tall(batch_shape.size() + 1, 1);
      tall[0] = values.size();
      Tensor x = reshape(values.cast(f64), tall);
      return sum(exp(DistributionImpl::log_prob(x)) * f(x), 0);
    }
    if (!base_.has_icdf()) return {};
    return detail::integrate_quantiles(batch_shape, [&](const Tensor& u, const Tensor& complement) {
      return f(quantile(u, complement));
    });
  }

  /// Expectation of a power; not of a logarithm, which heavy tails leave finite.
  template <class F>
  Tensor moment(F&& f) const {
    Tensor result = expectation(f);
    if (discrete() || !result.defined() || bounded() || !base_.has_mean()) return result;
    // An infinite tail stays infinite.
    return select(isfinite(base_.mean()), result, base_.mean());
  }
};

}  // namespace

Distribution Truncated::make(const char* name, const Distribution& base, const Bounds& bounds, Where where) {
  return Distribution(share<TruncatedDensity>(name, base, bounds, where));
}

}  // namespace nuthatch
