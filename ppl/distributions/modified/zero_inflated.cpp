#include "nuthatch/distributions/zero_inflated.h"

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "ppl/distributions/modified/around.h"
#include "ppl/distributions/modified/gate.h"

namespace nuthatch {
namespace {

class ZeroInflatedMass final : public detail::DistributionImpl {
 public:
  ZeroInflatedMass(const char* name, const Distribution& base, detail::Parameter gate, Where where)
      : DistributionImpl(name, {std::move(gate)}, {}, where), base_(detail::given(name, base, where)) {
    if (base.impl()->problem) problem = base.impl()->problem;
    if (problem) return;
    auto batch = detail::try_broadcast(batch_shape, base.batch_shape());
    if (!base.support().discrete() || !base.event_shape().empty())
      problem = this->name + ": the base must be a discrete distribution of numbers, but it is a " + base.name();
    else if (!batch)
      problem = this->name + ": cannot broadcast " + parameters[0].name + " " + to_string(batch_shape) + " with " +
                base.name() + " of batch shape " + to_string(base.batch_shape());
    else batch_shape = *batch;
  }
  Constraint support() const override { return base_.support(); }
  Tensor log_prob(const Tensor& x) const override {
    const auto g = gate();
    Tensor rest = g.log_complement + base_.log_prob_in_support(x);
    return select(x == 0.0, logaddexp(g.log_probability, rest), rest);
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    auto [k_gate, k_base] = split<2>(key);
    Tensor x = base_.impl()->sample(k_base, shape);
    return select(bernoulli(k_gate, gate().probability, shape), zeros_like(x), x);
  }
  Tensor mean() const override { return base_.has_mean() ? gate().complement * base_.mean() : Tensor(); }
  Tensor variance() const override {
    if (!base_.has_mean() || !base_.has_variance()) return {};
    const auto g = gate();
    return g.complement * (base_.variance() + g.probability * square(base_.mean()));
  }
  Tensor mode() const override {
    if (!base_.has_mode()) return {};
    const auto g = gate();
    Tensor m = base_.mode();
    return select(g.probability + g.complement * exp(base_.log_prob(0.0)) >= g.complement * exp(base_.log_prob(m)), 0.0,
                  m);
  }
  Tensor support_point() const override { return base_.support_point(); }
  Tensor entropy() const override {
    if (!base_.has_entropy()) return {};
    const auto g = gate();
    Tensor l = base_.log_prob(0.0), p0 = exp(l), P0 = g.probability + g.complement * p0;
    // sum over x != 0 of p log p, of the base.
    Tensor others = -base_.entropy() - select(p0 > 0.0, p0 * select(p0 > 0.0, l, 0.0), 0.0);
    return -xlogy(P0, P0) - xlogy(g.complement * (1.0 - p0), g.complement) - g.complement * others;
  }
  Tensor cdf(const Tensor& x) const override {
    if (!base_.has_cdf()) return {};
    const auto g = gate();
    return g.complement * base_.cdf(x) + select(x >= 0.0, g.probability, 0.0);
  }
  Tensor survival(const Tensor& x) const override {
    if (!base_.has_cdf()) return {};
    const auto g = gate();
    return g.complement * base_.survival(x) + select(x >= 0.0, 0.0, g.probability);
  }
  Tensor log_survival(const Tensor& x) const override {
    if (!base_.has_cdf()) return {};
    const auto g = gate();
    Tensor rest = g.log_complement + base_.log_survival(x);
    return select(x >= 0.0, rest, logaddexp(rest, g.log_probability));
  }
  Tensor icdf(const Tensor& q) const override {
    if (!base_.has_icdf()) return {};
    const auto g = gate();
    Tensor before = g.complement * base_.cdf(-1.0), upto = g.complement * base_.cdf(0.0) + g.probability;
    Tensor below = q <= before, above = q > upto;
    Tensor r = select(below, q / g.complement, select(above, (q - g.probability) / g.complement, 0.5));
    return select(below | above, base_.icdf(clamp(r, 0.0, kBelowOne)), 0.0);
  }
  Tensor enumerate_support() const override { return base_.impl()->enumerate_support(); }

 private:
  static constexpr double kBelowOne = 1.0 - 1.1102230246251565e-16;
  detail::Gate gate() const { return detail::Gate::of(parameters[0]); }
  Distribution base_;
};

}  // namespace

Distribution ZeroInflated::make(const char* name, const Distribution& base, const Tensor& gate, Where where) {
  return Distribution(share<ZeroInflatedMass>(
      name, base, detail::Parameter{"gate", gate, constraints::unit_interval}, where));
}
ZeroInflated::ZeroInflated(const Distribution& base, const GateLogits& options, Where where)
    : Distribution(share<ZeroInflatedMass>(
          "ZeroInflated", base, detail::Parameter{"gate_logits", options.gate_logits, constraints::real}, where)) {}

}  // namespace nuthatch
