#include "nuthatch/distributions/mixture_same_family.h"

#include "ppl/distributions/modified/mixture.h"

namespace nuthatch {
namespace {

class MixtureOfOneFamily final : public detail::MixtureBase {
 public:
  MixtureOfOneFamily(const Distribution& weights, const Distribution& component, Where where)
      : MixtureBase("MixtureSameFamily", {}, detail::given("MixtureSameFamily", component, where).event_shape(), where),
        component_(component) {
    detail::given("MixtureSameFamily", weights, where);
    if (component.impl()->problem) {
      problem = component.impl()->problem;
      return;
    }
    log_weights_ = detail::log_weights_of(name, weights, problem);
    if (problem) return;
    n_ = log_weights_.shape().back();
    const Shape& components = component.batch_shape();
    if (components.empty() || components.back() != n_) {
      problem = "MixtureSameFamily: the last batch dimension of the component must be the number of weights, " +
                std::to_string(n_) + ", but its batch shape is " + to_string(components);
      return;
    }
    auto batch = detail::try_broadcast(detail::leading(components, 1), detail::leading(log_weights_.shape(), 1));
    if (!batch) problem = "MixtureSameFamily: cannot broadcast weights " + to_string(log_weights_.shape()) +
                          " with components " + to_string(components);
    else batch_shape = *batch;
  }

  /// Of all components together: from the lowest of their bounds to the highest.
  Constraint support() const override {
    Constraint set = component_.support();
    if (!own_bounds(set)) return set;
    auto joint = [&](const Tensor& bound, bool lower) {
      if (!bound.defined() || bound.shape().empty()) return bound;
      return lower ? min(bound, -1) : max(bound, -1);
    };
    return Constraint(set.kind(), joint(set.lower(), true), joint(set.upper(), false));
  }
  Tensor component_log_probs(const Tensor& x) const override {
    Tensor wide = expand_dims(x, axis());
    return own_bounds(component_.support()) ? detail::guarded_log_prob(component_, wide)
                                            : component_.log_prob_in_support(wide);
  }
  Tensor component(Function f, const Tensor& x) const override {
    if (!component_.has_cdf() || (f == Function::icdf && !component_.has_icdf())) return {};
    Tensor wide = expand_dims(x, -1);
    switch (f) {
      case Function::cdf: return component_.cdf(wide);
      case Function::log_cdf: return component_.log_cdf(wide);
      case Function::survival: return component_.survival(wide);
      case Function::log_survival: return component_.log_survival(wide);
      case Function::icdf: return component_.icdf(wide);
    }
    return {};
  }
  Tensor component(Moment m) const override {
    if (m == Moment::mean) return component_.has_mean() ? component_.mean() : Tensor();
    return component_.has_variance() ? component_.variance() : Tensor();
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    auto [k_index, k_component] = split<2>(key);
    const Shape outer = detail::leading(shape, event_shape.size());
    Tensor chosen = one_hot(categorical(k_index, log_weights_, outer), n_);
    Tensor draws = component_.impl()->sample(
        k_component, detail::join(outer, detail::join(Shape{n_}, event_shape)));
    for (std::size_t i = 0; i < event_shape.size(); ++i) chosen = expand_dims(chosen, -1);
    return sum(select(chosen > 0.0, draws, zeros_like(draws)), axis());
  }
  Tensor support_point() const override {
    Tensor x = average(component_.support_point().cast(f64));
    return component_.support().discrete() ? floor(x) : x;
  }

 private:
  /// Bounds that differ between components.
  static bool own_bounds(const Constraint& set) {
    auto batched = [](const Tensor& x) { return x.defined() && !x.shape().empty(); };
    return set.event_dim() == 0 && (batched(set.lower()) || batched(set.upper()));
  }
  Distribution component_;
  std::int64_t n_ = 0;
};

}  // namespace

MixtureSameFamily::MixtureSameFamily(const Distribution& weights, const Distribution& component, Where where)
    : Distribution(share<MixtureOfOneFamily>(weights, component, where)) {}

}  // namespace nuthatch
