#include "nuthatch/distributions/censored.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/distributions/interval_censored.h"
#include "nuthatch/distributions/left_censored.h"
#include "nuthatch/distributions/right_censored.h"
#include "nuthatch/math.h"
#include "ppl/core/line.h"
#include "ppl/distributions/modified/around.h"
#include "ppl/distributions/modified/bounds.h"

namespace nuthatch {
namespace {

class CensoredDensity final : public detail::Bounded {
 public:
  using Bounded::Bounded;
  /// The bounds alone: a value below the support of the base is moved to the lower bound, if there is one.
  Constraint support() const override {
    const Constraint inside = between();
    auto [a, b] = detail::ends(inside);
    if (lower_.defined()) a = lower_;
    if (upper_.defined()) b = upper_;
    if (inside.kind() == Constraint::Kind::interval) return constraints::interval(a, b);
    if (inside.kind() == Constraint::Kind::integer_interval) return constraints::integer_interval(a, b);
    if (inside.kind() == Constraint::Kind::greater_than_eq) return constraints::greater_than_eq(a);
    if (inside.kind() == Constraint::Kind::less_than_eq) return constraints::less_than_eq(b);
    return inside;
  }
  bool has_atoms() const override { return !discrete(); }
  Tensor log_prob(const Tensor& x) const override {
    Tensor result = detail::guarded_log_prob(base_, x);
    if (lower_.defined()) result = select(x <= lower_, base_.log_cdf(lower_), result);
    if (upper_.defined())
      result = select(x >= upper_, base_.log_survival(discrete() ? ceil(upper_) - 1.0 : upper_), result);
    return result;
  }
  bool has_rsample() const override { return base_.has_rsample(); }
  Tensor sample(const Key& key, const Shape& shape) const override {
    return moved(base_.expand(batch_shape).impl()->sample(key, shape));
  }
  // Between the bounds nothing has changed; the handle knows what is outside.
  Tensor cdf(const Tensor& x) const override { return base_.cdf(x); }
  Tensor log_cdf(const Tensor& x) const override { return base_.log_cdf(x); }
  Tensor survival(const Tensor& x) const override { return base_.survival(x); }
  Tensor log_survival(const Tensor& x) const override { return base_.log_survival(x); }
  Tensor icdf(const Tensor& q) const override { return base_.has_icdf() ? moved(base_.icdf(q)) : Tensor(); }
  Tensor support_point() const override { return moved(base_.support_point()); }
  Tensor enumerate_support() const override { return {}; }
  Tensor mean() const override { return expectation([](const Tensor& x) { return x; }, inside().impl()->mean()); }
  Tensor variance() const override {
    const Distribution d = inside();
    const Tensor m = mean(), own = d.impl()->variance();
    if (!m.defined() || !own.defined()) return {};
    return expectation([&](const Tensor& x) { return square(x - m); }, own + square(d.impl()->mean() - m));
  }

 private:
  /// The base between the bounds.
  Distribution inside() const { return Truncated(base_, {.lower = lower_, .upper = upper_}, where); }
  /// f at the bounds and its expectation between them, each with its probability.
  template <class F> Tensor expectation(F&& f, const Tensor& of_inside) const {
    if (!of_inside.defined()) return {};
    const Tensor mass = exp(detail::log_mass_between(base_, before(), last()));
    Tensor total = select(mass > 0.0, mass * of_inside, 0.0);
    if (lower_.defined()) total = total + base_.cdf(before()) * f(lower_);
    if (upper_.defined()) total = total + base_.survival(last()) * f(upper_);
    return total;
  }
  Tensor moved(Tensor x) const {
    auto bound = [&](const Tensor& b) { return x.dtype() == i64 ? b.cast(i64) : b; };
    if (lower_.defined()) x = maximum(x, bound(lower_));
    if (upper_.defined()) x = minimum(x, bound(upper_));
    return x;
  }
};

/// Observations of which some are known up to a bound only, as indicators say.
class Indicated : public detail::DistributionImpl {
 public:
   Indicated(const char* family, const Distribution& base, std::vector<detail::Parameter> indicators, Shape event,
             Where where)
       : DistributionImpl(family, std::move(indicators), std::move(event), where),
         base_(detail::given(family, base, where)) {
     if (base.impl()->problem) problem = base.impl()->problem;
     if (problem) return;
     auto batch = detail::try_broadcast(batch_shape, base.batch_shape());
     if (!base.has_cdf())
       problem = name + ": the base must be a distribution of one number with a distribution function, but " +
                 base.name() + " has none";
     else if (!batch)
       problem = name + ": cannot broadcast " + parameters[0].name + " " + to_string(batch_shape) + " with " +
                 base.name() + " of batch shape " + to_string(base.batch_shape());
     else
       batch_shape = *batch;
   }
  bool has_rsample() const override { return base_.has_rsample(); }

 protected:
  Tensor indicator(std::size_t i) const { return p(i).cast(bool_); }
  Tensor draw(const Key& key, const Shape& shape) const { return base_.expand(batch_shape).impl()->sample(key, shape); }
  Distribution base_;
};

class OneSided final : public Indicated {
 public:
  OneSided(const char* family, bool left, const Distribution& base, const Tensor& censored, Where where)
      : Indicated(family, base, {{"censored", censored, constraints::boolean}}, {}, where), left_(left) {}
  Constraint support() const override { return base_.support(); }
  Tensor log_prob(const Tensor& x) const override {
    // An uncensored value may be so far out that the tail beyond it has no derivative.
    Tensor censored = indicator(0), at = select(censored, x, support().feasible());
    Tensor tail = left_ ? base_.log_cdf(at) : base_.log_survival(at);
    return select(censored, tail, base_.log_prob_in_support(x));
  }
  Tensor sample(const Key& key, const Shape& shape) const override { return draw(key, shape); }
  Tensor support_point() const override { return base_.support_point(); }

 private:
  bool left_;
};

/// Pairs lower <= upper of values of a distribution.
class Pairs final : public Constraint::Rule {
 public:
  std::string description() const override { return "a pair lower <= upper"; }
  int event_dim() const override { return 1; }
  Tensor check(const Tensor& x) const override { return take(x, Tensor(0), -1) <= take(x, Tensor(1), -1); }
  Tensor feasible(const Shape& shape) const override { return broadcast_to(arange(2).cast(f64), shape); }
};

class IntervalCensoredDensity final : public Indicated {
 public:
  IntervalCensoredDensity(const Distribution& base, const IntervalCensoring& o, Where where)
      : Indicated("IntervalCensored", base,
                  {{"left_censored", o.left_censored, constraints::boolean},
                   {"right_censored", o.right_censored, constraints::boolean}},
                  Shape{2}, where) {}
  Constraint support() const override { return Constraint(share<Pairs>()); }
  Tensor log_prob(const Tensor& value) const override {
    const Tensor left = indicator(0), right = indicator(1), both = left & right;
    const Tensor a = take(value, Tensor(0), -1), b = take(value, Tensor(1), -1);
    const Tensor low = select(left & ~right, -INFINITY, a), high = select(right & ~left, INFINITY, b);
    const Tensor exact = (low == high) & ~both;
    Tensor inside = detail::log_mass_between(base_, low, select(exact, INFINITY, high));
    Tensor outside = logaddexp(base_.log_cdf(low), base_.log_survival(high));
    return select(exact, detail::guarded_log_prob(base_, select(exact, low, base_.support_point())),
                  select(both, outside, inside));
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    Tensor x = draw(key, detail::leading(shape, 1));
    return stack({x, x}, -1);
  }
  Tensor support_point() const override {
    Tensor x = detail::broadcast_if_needed(base_.support_point(), batch_shape);
    return stack({x, x}, -1);
  }
};

}  // namespace

Censored::Censored(const Distribution& base, const Bounds& bounds, Where where)
    : Distribution(share<CensoredDensity>("Censored", base, bounds, where)) {}
Distribution LeftCensored::make(const Distribution& base, const Tensor& censored, Where where) {
  return Distribution(share<OneSided>("LeftCensored", true, base, censored, where));
}
Distribution RightCensored::make(const Distribution& base, const Tensor& censored, Where where) {
  return Distribution(share<OneSided>("RightCensored", false, base, censored, where));
}
IntervalCensored::IntervalCensored(const Distribution& base, const IntervalCensoring& options, Where where)
    : Distribution(share<IntervalCensoredDensity>(base, options, where)) {}

}  // namespace nuthatch
