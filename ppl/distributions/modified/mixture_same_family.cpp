#include "nuthatch/distributions/mixture_same_family.h"

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"

namespace nuthatch {
namespace {

class Mixture final : public detail::DistributionImpl {
 public:
  Mixture(const Distribution& weights, const Distribution& component, Where where)
      : DistributionImpl("MixtureSameFamily", {}, component.event_shape(), where), component_(component) {
    weights.validate();
    component.validate();
    if (weights.name() != "Categorical" || weights.parameters().empty()) {
      problem = "MixtureSameFamily: the weights must be a Categorical, but they are a " + weights.name();
      return;
    }
    const detail::Parameter& w = weights.parameters()[0];
    log_weights_ = w.name == "probs" ? log(w.value) : log_softmax(w.value, -1);
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

  Constraint support() const override { return component_.support(); }
  Tensor log_prob(const Tensor& x) const override {
    return logsumexp(log_weights_ + component_.log_prob_in_support(expand_dims(x, component_axis())), -1);
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    auto [k_index, k_component] = split<2>(key);
    const Shape outer = detail::leading(shape, event_shape.size());
    Tensor chosen = one_hot(categorical(k_index, log_weights_, outer), n_);
    Tensor draws = component_.impl()->sample(
        k_component, detail::join(outer, detail::join(Shape{n_}, event_shape)));
    for (std::size_t i = 0; i < event_shape.size(); ++i) chosen = expand_dims(chosen, -1);
    return sum(select(chosen > 0.0, draws, 0.0), component_axis());
  }
  Tensor mean() const override {
    return component_.has_mean() ? average(component_.mean()) : Tensor();
  }
  Tensor variance() const override {
    if (!component_.has_mean() || !component_.has_variance()) return {};
    Tensor m = component_.mean();
    return average(component_.variance() + square(m)) - square(average(m));
  }

 private:
  int component_axis() const { return -1 - int(event_shape.size()); }
  Tensor average(const Tensor& x) const {
    Tensor w = exp(log_weights_);
    for (std::size_t i = 0; i < event_shape.size(); ++i) w = expand_dims(w, -1);
    return sum(w * x, component_axis());
  }
  Distribution component_;
  Tensor log_weights_;
  std::int64_t n_ = 0;
};

}  // namespace

MixtureSameFamily::MixtureSameFamily(const Distribution& weights, const Distribution& component, Where where)
    : Distribution(std::make_shared<Mixture>(weights, component, where)) {}

}  // namespace nuthatch
