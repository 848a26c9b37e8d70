#include "ppl/distributions/modified/mixture.h"

#include <cmath>

#include "nuthatch/distributions/categorical.h"
#include "nuthatch/distributions/mixture_general.h"
#include "ppl/distributions/discrete/summation.h"

namespace nuthatch {
namespace detail {

Tensor log_weights_of(const std::string& name, const Distribution& weights, std::optional<std::string>& problem) {
  if (weights.impl()->problem) {
    problem = weights.impl()->problem;
    return {};
  }
  if (weights.name() != "Categorical" || weights.parameters().empty()) {
    problem = name + ": the weights must be a Categorical, but they are a " + weights.name();
    return {};
  }
  const Parameter& w = weights.parameters()[0];
  return w.name == "probs" ? log(w.value) : log_softmax(w.value, -1);
}

Tensor MixtureBase::icdf(const Tensor& q) const {
  Tensor quantiles = component(Function::icdf, q);
  if (!quantiles.defined()) return {};
  // Where a component has no weight, its quantile does not count.
  Tensor counts = log_weights_ > -INFINITY;
  Tensor low = min(select(counts, quantiles, INFINITY), -1), high = max(select(counts, quantiles, -INFINITY), -1);
  if (support().discrete()) return count_quantile(q, low, low, high, [&](const Tensor& k) { return cdf(k); });
  const Tensor target = broadcast_if_needed(q, broadcast_shapes({q.shape(), low.shape()}));
  low = broadcast_if_needed(low, target.shape());
  high = broadcast_if_needed(high, target.shape());
  // In the upper half by the survival function, which there is the accurate one.
  Tensor upper = target > 0.5;
  return find_zero(low, high,
                   [&](const Tensor& x) { return select(upper, (1.0 - target) - survival(x), cdf(x) - target); });
}

}  // namespace detail

namespace {



class MixtureOfMany final : public detail::MixtureBase {
 public:
   MixtureOfMany(const char* family, const Distribution& weights, const std::vector<Distribution>& components,
                 Where where)
       : MixtureBase(family, {}, {}, where), components_(components) {
     detail::given(family, weights, where);
     if (components.empty()) {
       problem = name + ": no components were given";
       return;
     }
     for (const auto& c : components)
       if (detail::given(family, c, where).impl()->problem) {
         problem = c.impl()->problem;
         return;
       }
     log_weights_ = detail::log_weights_of(name, weights, problem);
     if (problem) return;
     event_shape = components[0].event_shape();
     auto batch = std::optional<Shape>(detail::leading(log_weights_.shape(), 1));
     auto set = std::optional<Constraint>(components[0].support());
     for (const auto& c : components) {
       if (c.event_shape() != event_shape) {
         problem = name + ": the components have event shapes " + to_string(event_shape) + " and " +
                   to_string(c.event_shape());
         return;
       }
       if (batch) batch = detail::try_broadcast(*batch, c.batch_shape());
       if (set) set = detail::joint_support(*set, c.support());
     }
     if (log_weights_.shape().back() != std::int64_t(components.size()))
       problem = name + ": " + std::to_string(components.size()) + " components, but " +
                 std::to_string(log_weights_.shape().back()) + " weights";
     else if (!batch)
       problem = name + ": cannot broadcast the batch shapes of weights and components";
     else if (!set)
       problem = name + ": the supports of " + components[0].name() + " and the other components have no simple union";
     else {
       batch_shape = *batch;
       support_ = *set;
     }
   }

  Constraint support() const override { return support_; }
  Tensor component_log_probs(const Tensor& x) const override {
    return beside([&](const Distribution& c) { return detail::guarded_log_prob(c, x); }, -1);
  }
  Tensor component(Function f, const Tensor& x) const override {
    for (const auto& c : components_)
      if (!c.has_cdf() || (f == Function::icdf && !c.has_icdf())) return {};
    return beside(
        [&](const Distribution& c) {
          switch (f) {
            case Function::cdf: return c.cdf(x);
            case Function::log_cdf: return c.log_cdf(x);
            case Function::survival: return c.survival(x);
            case Function::log_survival: return c.log_survival(x);
            case Function::icdf: return c.icdf(x);
          }
          return Tensor();
        },
        -1);
  }
  Tensor component(Moment m) const override {
    for (const auto& c : components_)
      if (m == Moment::mean ? !c.has_mean() : !c.has_variance()) return {};
    return beside([&](const Distribution& c) { return m == Moment::mean ? c.mean() : c.variance(); }, axis());
  }
  Tensor sample(const Key& key, const Shape& shape) const override {
    Tensor index = categorical(fold_in(key, 0), log_weights_, detail::leading(shape, event_shape.size()));
    for (std::size_t i = 0; i < event_shape.size(); ++i) index = expand_dims(index, -1);
    Tensor x = components_[0].impl()->sample(fold_in(key, 1), shape);
    for (std::size_t k = 1; k < components_.size(); ++k)
      x = select(index == std::int64_t(k), components_[k].impl()->sample(fold_in(key, std::int64_t(k) + 1), shape), x);
    return x;
  }
  Tensor support_point() const override {
    if (Tensor m = mean(); m.defined()) return support_.discrete() ? floor(m) : m;
    return components_[0].support_point();
  }

 private:
  /// Values of the components side by side along `at`.
  template <class F>
  Tensor beside(F&& f, int at) const {
    std::vector<Tensor> values;
    std::vector<Shape> shapes;
    for (const auto& c : components_) values.push_back(f(c));
    for (const auto& v : values) shapes.push_back(v.shape());
    const Shape common = broadcast_shapes(shapes);
    for (auto& v : values) v = detail::broadcast_if_needed(v, common);
    return stack(values, at);
  }
  std::vector<Distribution> components_;
  Constraint support_;
};

}  // namespace

Distribution Mixture::make(const char* name, const Tensor& weights, const std::vector<Distribution>& components,
                           Where where) {
  return make(name, Categorical(weights, where), components, where);
}
Distribution Mixture::make(const char* name, const Distribution& weights, const std::vector<Distribution>& components,
                           Where where) {
  return Distribution(share<MixtureOfMany>(name, weights, components, where));
}

}  // namespace nuthatch
