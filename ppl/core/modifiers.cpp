// expand, to_event, mask and restricted: distributions around a distribution.
#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/distribution.h"
#include "nuthatch/math.h"
#include "ppl/core/modifiers.h"

namespace nuthatch {
namespace {

using detail::DistributionImpl;
using detail::DistributionPtr;

/// Forwards everything; what a modifier does not change. Moments of batch and event shape stay what they are.
class Modifier : public DistributionImpl {
 public:
  Modifier(DistributionPtr base, Shape batch, Shape event, Where where)
      : DistributionImpl(*base, std::move(batch), std::move(event), where), base_(std::move(base)) {}
  Constraint support() const override { return base_.support(); }
  Tensor log_prob(const Tensor& x) const override { return base_.log_prob_in_support(x); }
  Tensor total_log_prob(const Tensor& x, std::int64_t count) const override {
    return base_.impl()->total_log_prob(x, count);
  }
  Tensor sample(const Key& key, const Shape& shape) const override { return base_.impl()->sample(key, shape); }
  Tensor mean() const override { return base_.impl()->mean(); }
  Tensor variance() const override { return base_.impl()->variance(); }
  Tensor mode() const override { return base_.impl()->mode(); }
  Tensor entropy() const override { return base_.impl()->entropy(); }
  Tensor cdf(const Tensor& x) const override { return base_.impl()->cdf(x); }
  Tensor log_cdf(const Tensor& x) const override { return base_.impl()->log_cdf(x); }
  Tensor survival(const Tensor& x) const override { return base_.impl()->survival(x); }
  Tensor log_survival(const Tensor& x) const override { return base_.impl()->log_survival(x); }
  Tensor icdf(const Tensor& q) const override { return base_.impl()->icdf(q); }
  Tensor support_point() const override { return base_.impl()->support_point(); }
  Tensor enumerate_support() const override { return base_.impl()->enumerate_support(); }
  const DistributionImpl* base() const override { return base_.impl().get(); }

 protected:
  Distribution base_;
};

class Expanded final : public Modifier {
 public:
  Expanded(DistributionPtr base, Shape batch, Where where) : Modifier(base, std::move(batch), base->event_shape, where) {}
  DistributionPtr with_base(DistributionPtr other) const override {
    return share<Expanded>(std::move(other), batch_shape, where);
  }
};

/// The last dimensions of the batch become dimensions of the event: log densities are summed over them.
class Independent final : public Modifier {
 public:
  Independent(DistributionPtr base, int dims, Where where)
      : Modifier(base, detail::leading(base->batch_shape, std::size_t(dims)),
                 detail::join(detail::trailing(base->batch_shape, std::size_t(dims)), base->event_shape), where),
        dims_(dims) {}
  Constraint support() const override { return base_.support().independent(dims_); }
  Tensor log_prob(const Tensor& x) const override { return sum_last(base_.log_prob_in_support(x)); }
  Tensor total_log_prob(const Tensor& x, std::int64_t count) const override {
    return base_.impl()->total_log_prob(
        x, count * detail::trailing(base_.batch_shape(), std::size_t(dims_)).num_elements());
  }
  Tensor mean() const override { return whole(base_.impl()->mean()); }
  Tensor variance() const override { return whole(base_.impl()->variance()); }
  Tensor entropy() const override {
    Tensor h = base_.impl()->entropy();
    return h.defined() ? sum_last(detail::broadcast_if_needed(h, base_.batch_shape())) : h;
  }
  Tensor mode() const override { return whole(base_.impl()->mode()); }
  Tensor support_point() const override { return whole(base_.impl()->support_point()); }
  // Of a vector of independent values: not functions of one number, and too many values to list.
  Tensor cdf(const Tensor&) const override { return {}; }
  Tensor log_cdf(const Tensor&) const override { return {}; }
  Tensor survival(const Tensor&) const override { return {}; }
  Tensor log_survival(const Tensor&) const override { return {}; }
  Tensor icdf(const Tensor&) const override { return {}; }
  Tensor enumerate_support() const override { return {}; }
  DistributionPtr with_base(DistributionPtr other) const override {
    return share<Independent>(std::move(other), dims_, where);
  }

 private:
  Tensor whole(const Tensor& x) const { return x.defined() ? detail::broadcast_if_needed(x, base_.shape()) : x; }
  Tensor sum_last(const Tensor& x) const {
    if (dims_ == 1) return sum(x, -1);
    std::vector<int> axes;
    for (int i = 1; i <= dims_; ++i) axes.push_back(-i);
    return sum(x, {.axis = Axes(axes)});
  }
  int dims_;
};

class Masked final : public Modifier {
 public:
  Masked(DistributionPtr base, Tensor mask, Shape batch, Where where)
      : Modifier(base, std::move(batch), base->event_shape, where), mask_(std::move(mask)) {}
  bool masked() const override { return true; }
  Tensor log_prob(const Tensor& value) const override {
    // A value that is ignored may be anything, NaN included, and must not reach a derivative.
    Tensor x = event_shape.empty() ? select(mask_, value, base_.support().feasible()) : value;
    return select(mask_, base_.log_prob(x), 0.0);
  }
  Tensor total_log_prob(const Tensor& x, std::int64_t count) const override {
    return DistributionImpl::total_log_prob(x, count);
  }
  DistributionPtr with_base(DistributionPtr other) const override {
    return share<Masked>(std::move(other), mask_, batch_shape, where);
  }

 private:
  Tensor mask_;
};

class Restricted final : public Modifier {
 public:
  Restricted(DistributionPtr base, Constraint subset, Where where)
      : Modifier(base, base->batch_shape, base->event_shape, where), subset_(std::move(subset)) {}
  Constraint support() const override { return subset_; }
  Tensor mean() const override { return {}; }
  Tensor variance() const override { return {}; }
  Tensor mode() const override { return {}; }
  Tensor entropy() const override { return {}; }
  Tensor cdf(const Tensor&) const override { return {}; }
  Tensor log_cdf(const Tensor&) const override { return {}; }
  Tensor survival(const Tensor&) const override { return {}; }
  Tensor log_survival(const Tensor&) const override { return {}; }
  Tensor icdf(const Tensor&) const override { return {}; }
  Tensor support_point() const override { return {}; }
  Tensor enumerate_support() const override { return {}; }
  bool has_rsample() const override { return false; }
  /// Draws until every event is inside the subset; NaN where none was in kAttempts.
  Tensor sample(const Key& key, const Shape& shape) const override {
    constexpr std::int64_t kAttempts = 10000;
    auto attempt = [&](const Tensor& i) {
      Tensor x = base_.impl()->sample(fold_in(key, i), shape);
      return std::pair<Tensor, Tensor>(x, subset_.check(x));
    };
    auto place = [&](const Tensor& inside) {  // one decision per event
      Tensor p = inside;
      for (std::size_t i = 0; i < event_shape.size(); ++i) p = expand_dims(p, -1);
      return p;
    };
    struct State { Tensor x, inside, i; };
    auto [x, inside] = attempt(0);
    State last = while_loop(
        State{x, inside, Tensor(1)}, [&](const State& s) { return ~all_of(s.inside) & (s.i < kAttempts); },
        [&](const State& s) {
          auto [fresh, ok] = attempt(s.i);
          return State{select(place(s.inside), s.x, fresh), s.inside | ok, s.i + 1};
        });
    return select(place(last.inside), last.x, NAN);
  }
  DistributionPtr with_base(DistributionPtr other) const override {
    return share<Restricted>(std::move(other), subset_, where);
  }

 private:
  Constraint subset_;
};

}  // namespace

detail::ModifierKind detail::modifier_kind(const DistributionImpl& d) {
  if (dynamic_cast<const Expanded*>(&d)) return ModifierKind::expanded;
  if (dynamic_cast<const Independent*>(&d)) return ModifierKind::independent;
  if (dynamic_cast<const Masked*>(&d)) return ModifierKind::masked;
  if (dynamic_cast<const Restricted*>(&d)) return ModifierKind::restricted;
  return ModifierKind::none;
}

Distribution Distribution::expand(const Shape& batch, Where where) const {
  validate();
  auto common = detail::try_broadcast(batch_shape(), batch);
  if (!common || *common != batch)
    throw Error(name() + ": cannot expand batch shape " + to_string(batch_shape()) + " to " + to_string(batch), where);
  if (batch == batch_shape()) return *this;
  return Distribution(share<Expanded>(impl_, batch, where));
}

Distribution Distribution::to_event(int dims, Where where) const {
  validate();
  const int available = int(batch_shape().size());
  if (dims < 0) dims = available;
  if (dims > available)
    throw Error(name() + ": to_event(" + std::to_string(dims) + ") of batch shape " + to_string(batch_shape()), where);
  return dims == 0 ? *this : Distribution(share<Independent>(impl_, dims, where));
}

Distribution Distribution::mask(const Tensor& mask, Where where) const {
  validate();
  if (mask.dtype() != bool_) throw Error(name() + ": a mask must be of dtype bool_", where);
  auto batch = detail::try_broadcast(batch_shape(), mask.shape());
  if (!batch)
    throw Error(name() + ": cannot broadcast a mask of shape " + to_string(mask.shape()) + " with batch shape " +
                    to_string(batch_shape()),
                where);
  return Distribution(share<Masked>(impl_, mask, *batch, where));
}

Distribution Distribution::restricted(const Constraint& subset, Where where) const {
  validate();
  const int missing = int(event_shape().size()) - subset.event_dim();
  if (missing < 0)
    throw Error(name() + ": cannot restrict values of shape " + to_string(event_shape()) + " to be " +
                    subset.description() + "; use to_event() to make vectors of them",
                where);
  return Distribution(share<Restricted>(impl_, missing ? subset.independent(missing) : subset, where));
}

}  // namespace nuthatch
