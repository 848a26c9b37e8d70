#pragma once
/// What mixtures share, however their components are given: everything follows from functions of the components side by
/// side along a last axis.
#include "nuthatch/array.h"
#include "nuthatch/detail/distribution_impl.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"
#include "ppl/distributions/modified/around.h"

namespace nuthatch::detail {

/// log weights [..., K] of a Categorical; what is wrong with anything else goes to `problem`.
Tensor log_weights_of(const std::string& name, const Distribution& weights, std::optional<std::string>& problem);

class MixtureBase : public DistributionImpl {
 public:
  using DistributionImpl::DistributionImpl;
  /// Log densities at x of shape [..., event], guarded against values outside of a component's support: [..., K].
  virtual Tensor component_log_probs(const Tensor& x) const = 0;
  enum class Function : std::uint8_t { cdf, log_cdf, survival, log_survival, icdf };
  /// A function of a number, per component: [..., K]; empty where a component has none.
  virtual Tensor component(Function, const Tensor& x) const = 0;
  /// Means, or variances, with the components in front of the event: [..., K, event].
  enum class Moment : std::uint8_t { mean, variance };
  virtual Tensor component(Moment) const = 0;

  Tensor log_prob(const Tensor& x) const override { return logsumexp(log_weights_ + component_log_probs(x), -1); }
  bool has_rsample() const override { return false; }
  Tensor mean() const override { return average(component(Moment::mean)); }
  Tensor variance() const override {
    Tensor m = component(Moment::mean), v = component(Moment::variance);
    if (!m.defined() || !v.defined()) return {};
    Tensor centre = expand_dims(average(m), axis());
    return average(v + square(m - centre));
  }
  Tensor cdf(const Tensor& x) const override { return weighted(component(Function::cdf, x)); }
  Tensor survival(const Tensor& x) const override { return weighted(component(Function::survival, x)); }
  Tensor log_cdf(const Tensor& x) const override { return log_weighted(component(Function::log_cdf, x)); }
  Tensor log_survival(const Tensor& x) const override { return log_weighted(component(Function::log_survival, x)); }
  /// Between the smallest and the largest quantile of the components.
  Tensor icdf(const Tensor& q) const override;

 protected:
  /// Where the components are in an array of events.
  int axis() const { return -1 - int(event_shape.size()); }
  Tensor average(const Tensor& x) const {
    if (!x.defined()) return x;
    Tensor w = exp(log_weights_);
    for (std::size_t i = 0; i < event_shape.size(); ++i) w = expand_dims(w, -1);
    return sum(w * x, axis());
  }
  Tensor log_weights_;

 private:
  Tensor weighted(const Tensor& p) const { return p.defined() ? sum(exp(log_weights_) * p, -1) : p; }
  Tensor log_weighted(const Tensor& l) const { return l.defined() ? logsumexp(log_weights_ + l, -1) : l; }
};

}  // namespace nuthatch::detail
