#pragma once
/// What a distribution provides; the handle `Distribution` adds shape rules, validation and modifiers.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "nuthatch/constraints.h"
#include "nuthatch/detail/shared.h"
#include "nuthatch/random.h"
#include "nuthatch/tensor.h"

namespace nuthatch::detail {

struct Parameter {
  std::string name;
  Tensor value;
  Constraint constraint;
};

/// One summand of a log density: factor * value. Kept apart are what depends on parameters alone, what depends on the
/// value alone, and factors, so that a sum over many elements computes each of them once and not per element: the
/// compiler may not rearrange floating-point sums.
struct Term {
  Tensor value;
  Tensor factor{};  // undefined means 1
};
using Terms = std::vector<Term>;

class DistributionImpl {
 public:
  /// Broadcasts the parameters, each without the event dimensions of its constraint, to the batch shape, and checks
  /// the concrete ones. What is wrong is kept in `problem` until the distribution is used, when the site is known.
  DistributionImpl(std::string name, std::vector<Parameter> parameters, Shape event_shape, Where where);
  /// A modifier of another distribution.
  DistributionImpl(const DistributionImpl& base, Shape batch_shape, Shape event_shape, Where where);
  virtual ~DistributionImpl() = default;

  std::string name;
  std::vector<Parameter> parameters;
  Where where;
  Shape batch_shape, event_shape;
  std::optional<std::string> problem;

  virtual Constraint support() const = 0;
  /// Log density or mass at a value inside the support: terms that broadcast to the value's shape without the event
  /// dimensions, together with the batch shape. A subclass overrides `terms`, or `log_prob` when there is but one.
  virtual Terms terms(const Tensor& value) const { return {{log_prob(value)}}; }
  /// The sum of the terms.
  virtual Tensor log_prob(const Tensor& value) const;
  /// The sum over `count` events.
  virtual Tensor total_log_prob(const Tensor& value, std::int64_t count) const;
  /// A draw of this shape, which ends with batch and event shape.
  virtual Tensor sample(const Key& key, const Shape& shape) const = 0;
  /// Draws are differentiable functions of the parameters: reparameterised, or with an implicit derivative.
  virtual bool has_rsample() const { return base() && base()->has_rsample(); }
  // What not every distribution has in closed form or by a stable numerical method; an empty handle then.
  virtual Tensor mean() const { return {}; }
  virtual Tensor variance() const { return {}; }
  virtual Tensor mode() const { return {}; }
  virtual Tensor entropy() const { return {}; }
  // Functions of any real value: 0 below the support, 1 above it.
  virtual Tensor cdf(const Tensor&) const { return {}; }
  // Only where they keep accuracy that 1 - cdf and log(cdf) lose; those are used otherwise.
  virtual Tensor log_cdf(const Tensor&) const { return {}; }
  virtual Tensor survival(const Tensor&) const { return {}; }
  virtual Tensor log_survival(const Tensor&) const { return {}; }
  virtual Tensor icdf(const Tensor&) const { return {}; }
  /// A central point of the support where chains may start; the mean, the mode or any feasible value by default.
  virtual Tensor support_point() const { return {}; }
  /// All values of a discrete distribution with a finite support, [k] + event_shape, the same for all of the batch.
  virtual Tensor enumerate_support() const { return {}; }
  /// A continuous distribution with points of positive mass: at the lower end of its support the distribution function
  /// is not 0.
  virtual bool has_atoms() const { return base() && base()->has_atoms(); }
  /// Values at some places are ignored, so that they need not be inside the support.
  virtual bool masked() const { return base() && base()->masked(); }
  /// The same family with other parameter values, in the order of `parameters`; empty for modifiers.
  virtual Shared<const DistributionImpl> with_parameters(const std::vector<Tensor>&) const { return nullptr; }
  /// What a modifier (expand, to_event, ...) modifies, and the same modifier around another distribution.
  virtual const DistributionImpl* base() const { return nullptr; }
  virtual Shared<const DistributionImpl> with_base(Shared<const DistributionImpl>) const {
    return nullptr;
  }

 protected:
  const Tensor& p(std::size_t i) const { return parameters[i].value; }
};
using DistributionPtr = Shared<const DistributionImpl>;

/// A family that is constructed from N tensors and the caller's location.
template <class Self, std::size_t N>
class Family : public DistributionImpl {
 public:
  using DistributionImpl::DistributionImpl;
  DistributionPtr with_parameters(const std::vector<Tensor>& values) const override {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return share<Self>(values[I]..., where);
    }(std::make_index_sequence<N>{});
  }
};

}  // namespace nuthatch::detail
