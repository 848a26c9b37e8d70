#include "nuthatch/distributions/hurdle.h"

#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/detail/shapes.h"
#include "ppl/distributions/modified/around.h"
#include "ppl/distributions/modified/gate.h"

namespace nuthatch {
namespace {

constexpr double kBelowOne = 1.0 - 1.1102230246251565e-16;

struct Attempt { Tensor x, i; };

class HurdleDensity final : public detail::DistributionImpl {
 public:
  HurdleDensity(const char* name, const Distribution& base, detail::Parameter gate, Where where)
      : DistributionImpl(name, {std::move(gate)}, {}, where), base_(detail::given(name, base, where)),
        discrete_(base.support().discrete()) {
    if (base.impl()->problem) problem = base.impl()->problem;
    if (problem) return;
    auto batch = detail::try_broadcast(batch_shape, base.batch_shape());
    if (!base.event_shape().empty())
      problem = this->name + ": the base must be a distribution of numbers, but " + base.name() + " has event shape " +
                to_string(base.event_shape());
    else if (!batch)
      problem = this->name + ": cannot broadcast " + parameters[0].name + " " + to_string(batch_shape) + " with " +
                base.name() + " of batch shape " + to_string(base.batch_shape());
    else batch_shape = *batch;
  }
  /// That of the base, with 0.
  Constraint support() const override {
    Constraint set = base_.support();
    if (discrete_) return set;
    const auto kind = set.kind();
    if (kind == Constraint::Kind::positive || kind == Constraint::Kind::softplus_positive)
      return constraints::nonnegative;
    auto joint = detail::joint_support(set, constraints::interval(0.0, 0.0));
    return joint ? *joint : set;
  }
  bool has_atoms() const override { return !discrete_; }

  Tensor log_prob(const Tensor& value) const override {
    const auto g = gate();
    Tensor zero = value == 0.0;
    if (!discrete_) return select(zero, g.log_probability, g.log_complement + detail::guarded_log_prob(base_, value));
    return select(zero, g.log_probability, g.log_complement + base_.log_prob_in_support(value) - log_positive());
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    auto [k_gate, k_base] = split<2>(key);
    Tensor x = discrete_ ? positive_draw(k_base, shape) : base_.impl()->sample(k_base, shape);
    return select(bernoulli(k_gate, gate().probability, shape), zeros_like(x), x);
  }
  Tensor mean() const override { return base_.has_mean() ? gate().complement * base_.mean() / positive() : Tensor(); }
  Tensor variance() const override {
    if (!base_.has_mean() || !base_.has_variance()) return {};
    Tensor m = base_.mean();
    return gate().complement * (base_.variance() + square(m)) / positive() - square(mean());
  }
  Tensor mode() const override {
    if (!discrete_ || !base_.has_mode()) return {};
    const auto g = gate();
    Tensor m = maximum(base_.mode(), 1.0);
    return select(g.probability >= g.complement * exp(base_.log_prob(m)) / positive(), 0.0, m);
  }
  Tensor support_point() const override { return base_.support_point(); }
  Tensor entropy() const override {
    if (!discrete_ || !base_.has_entropy()) return {};
    const auto g = gate();
    Tensor l = base_.log_prob(0.0), p0 = exp(l);
    Tensor truncated =
        log_positive() + (base_.entropy() + select(p0 > 0.0, p0 * select(p0 > 0.0, l, 0.0), 0.0)) / positive();
    return -xlogy(g.probability, g.probability) - xlogy(g.complement, g.complement) + g.complement * truncated;
  }
  Tensor cdf(const Tensor& x) const override {
    if (!base_.has_cdf()) return {};
    const auto g = gate();
    Tensor F = discrete_ ? positive_cdf(x) : base_.cdf(x);
    return g.complement * F + select(x >= 0.0, g.probability, 0.0);
  }
  Tensor survival(const Tensor& x) const override {
    if (!base_.has_cdf()) return {};
    const auto g = gate();
    return g.complement * base_.survival(x) / positive() + select(x >= 0.0, 0.0, g.probability);
  }
  Tensor log_survival(const Tensor& x) const override {
    if (!base_.has_cdf()) return {};
    const auto g = gate();
    Tensor rest = g.log_complement + base_.log_survival(x) - log_positive();
    return select(x >= 0.0, rest, logaddexp(rest, g.log_probability));
  }
  Tensor icdf(const Tensor& q) const override {
    if (!base_.has_icdf()) return {};
    const auto g = gate();
    Tensor before = discrete_ ? Tensor(0.0) : g.complement * base_.cdf(0.0);
    Tensor below = q < before, above = q > before + g.probability;
    Tensor r = select(below, q / g.complement, select(above, (q - g.probability) / g.complement, 0.5));
    if (discrete_) r = base_.cdf(0.0) + r * positive();
    return select(below | above, base_.icdf(clamp(r, 0.0, kBelowOne)), 0.0);
  }
  Tensor enumerate_support() const override { return base_.impl()->enumerate_support(); }

 private:
  detail::Gate gate() const { return detail::Gate::of(parameters[0]); }
  /// P(base != 0) and its logarithm.
  Tensor log_positive() const { return discrete_ ? log1mexp(-base_.log_prob(0.0)) : Tensor(0.0); }
  Tensor positive() const { return discrete_ ? -expm1(base_.log_prob(0.0)) : Tensor(1.0); }
  /// P(base <= x) given that it is not 0, from the tail that keeps its digits.
  Tensor positive_cdf(const Tensor& x) const {
    Tensor at_zero = base_.cdf(0.0);
    return select(at_zero < 0.5, base_.cdf(x) - at_zero, positive() - base_.survival(x)) / positive();
  }
  /// A draw from the base that is not 0: by the quantile function, or drawn again where there is none.
  Tensor positive_draw(const Key& key, const Shape& shape) const {
    if (base_.has_icdf()) {
      Tensor q = base_.cdf(0.0) + uniform(key, shape) * positive();
      return maximum(base_.icdf(minimum(q, kBelowOne)), 1.0).cast(i64);
    }
    auto attempt = [&](const Tensor& i) { return base_.impl()->sample(fold_in(key, i), shape); };
    Attempt last = while_loop(
        Attempt{attempt(0), Tensor(1)}, [&](const Attempt& a) { return any_of(a.x == 0); },
        [&](const Attempt& a) { return Attempt{select(a.x == 0, attempt(a.i), a.x), a.i + 1}; });
    return last.x;
  }
  Distribution base_;
  bool discrete_;
};

}  // namespace

Distribution Hurdle::make(const char* name, const Distribution& base, const Tensor& gate, Where where) {
  return Distribution(share<HurdleDensity>(
      name, base, detail::Parameter{"gate", gate, constraints::unit_interval}, where));
}
Hurdle::Hurdle(const Distribution& base, const GateLogits& options, Where where)
    : Distribution(share<HurdleDensity>(
          "Hurdle", base, detail::Parameter{"gate_logits", options.gate_logits, constraints::real}, where)) {}

}  // namespace nuthatch
