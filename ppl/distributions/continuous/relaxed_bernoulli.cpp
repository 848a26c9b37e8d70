#include "nuthatch/distributions/relaxed_bernoulli.h"

#include <cmath>

#include "nuthatch/math.h"
#include "ppl/distributions/named_parameters.h"
#include "ppl/distributions/quantile_quadrature.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch {
namespace {

class RelaxedBernoulliDensity final : public detail::Family<RelaxedBernoulliDensity, 2> {
 public:
  RelaxedBernoulliDensity(const Tensor& temperature, const Tensor& logits, Where where)
      : Family("RelaxedBernoulli",
               {{"temperature", temperature, constraints::positive}, {"logits", logits, constraints::real}}, {},
               where) {}
  Constraint support() const override { return constraints::unit_interval; }
  // t a (x (1 - x))^(t - 1) / (a (1 - x)^t + x^t)^2 with a = exp(logits) (Maddison, Mnih and Teh 2017): the form that has
  // its limits at the ends 0 and 1.
  detail::Terms terms(const Tensor& x) const override {
    Tensor denominator = logaddexp(logits() + t() * log1p(-x), t() * log(x));
    return {{xlogy(t() - 1.0, x)}, {xlog1py(t() - 1.0, -x)}, {denominator, -2.0}, {log(t()) + logits()}};
  }
  Tensor sample(const Key& key, const Shape& shape) const override { return icdf(detail::open_uniform(key, shape)); }
  bool has_rsample() const override { return true; }
  Tensor support_point() const override { return sigmoid(logits() / t()); }
  Tensor cdf(const Tensor& x) const override { return sigmoid(z(x)); }
  Tensor log_cdf(const Tensor& x) const override { return log_sigmoid(z(x)); }
  Tensor survival(const Tensor& x) const override { return sigmoid(-z(x)); }
  Tensor log_survival(const Tensor& x) const override { return log_sigmoid(-z(x)); }
  Tensor icdf(const Tensor& q) const override { return sigmoid((logits() + log(q) - log1p(-q)) / t()); }
  Tensor mean() const override {
    return expectation([](const Tensor& v) { return sigmoid(v); });
  }
  Tensor variance() const override {
    const Tensor m = mean();
    return expectation([&](const Tensor& v) { return square(sigmoid(v) - m); });
  }
  // x = sigmoid(v) of a logistic v with scale 1 / temperature: H(v) + E log x (1 - x).
  Tensor entropy() const override {
    return 2.0 - log(t()) - expectation([](const Tensor& v) { return softplus(v) + softplus(-v); });
  }

 private:
  const Tensor& t() const { return p(0); }
  const Tensor& logits() const { return p(1); }
  /// E[f(logit(x))].
  template <class F> Tensor expectation(F&& f) const {
    return detail::integrate_quantiles(batch_shape, [&](const Tensor& u, const Tensor& complement) {
      return f((logits() + log(u) - log(complement)) / t());
    });
  }
  Tensor z(const Tensor& x) const { return t() * (log(x) - log1p(-x)) - logits(); }
};

Tensor logits_of(const Tensor& probs, Where where) {
  return logit(detail::checked("RelaxedBernoulli", {"probs", probs}, constraints::open_interval(0.0, 1.0), where));
}

Distribution named(const RelaxedBernoulliParameters& o, Where where) {
  const Tensor& temperature = detail::required("RelaxedBernoulli", {"temperature", o.temperature}, where);
  const bool by_probs = detail::one_of("RelaxedBernoulli", {{"probs", o.probs}, {"logits", o.logits}}, where) == 0;
  return Distribution(
      share<RelaxedBernoulliDensity>(temperature, by_probs ? logits_of(o.probs, where) : o.logits, where));
}

} // namespace

Distribution RelaxedBernoulli::make(const Tensor& temperature, const Tensor& probs, Where where) {
  return Distribution(share<RelaxedBernoulliDensity>(temperature, logits_of(probs, where), where));
}

RelaxedBernoulli::RelaxedBernoulli(const RelaxedBernoulliParameters& options, Where where)
    : Distribution(named(options, where)) {}

} // namespace nuthatch
