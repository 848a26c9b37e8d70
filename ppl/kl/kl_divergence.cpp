#include "nuthatch/kl_divergence.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"
#include "ppl/core/line.h"
#include "ppl/core/modifiers.h"
#include "ppl/kl/pairs.h"

namespace nuthatch {
namespace {

using detail::DistributionImpl;
using detail::DistributionPtr;
using detail::ModifierKind;

/// Values of p that are enumerated, not more than this.
constexpr std::int64_t kEnumerated = 1 << 16;

/// A divergence in the place of a log density: expand, to_event and mask do to the one what they do to the other.
class Carrier final : public DistributionImpl {
 public:
  Carrier(const DistributionImpl& d, Tensor divergence, const Shape& batch)
      : DistributionImpl(d, batch, d.event_shape, d.where), divergence_(std::move(divergence)) {}
  Constraint support() const override { return Constraint().independent(int(event_shape.size())); }
  Tensor log_prob(const Tensor&) const override { return divergence_; }
  Tensor sample(const Key&, const Shape& shape) const override { return zeros(shape); }

 private:
  Tensor divergence_;
};

DistributionPtr base_of(const DistributionImpl& d) { return {DistributionPtr(), d.base()}; }

Tensor divergence(const DistributionImpl& p, const DistributionImpl& q);

/// What the modifier does to a divergence of its base.
Tensor modified(const DistributionImpl& modifier, const Tensor& x) {
  const DistributionImpl& base = *modifier.base();
  Shape batch = *detail::try_broadcast(base.batch_shape, x.shape());
  auto carrier = share<Carrier>(base, detail::broadcast_if_needed(x, batch), batch);
  return modifier.with_base(carrier)->log_prob(zeros(detail::join(batch, base.event_shape)));
}

Tensor summed(const Tensor& x, const Shape& batch, int dims) {
  std::vector<int> axes;
  for (int i = 1; i <= dims; ++i) axes.push_back(-i);
  return sum(detail::broadcast_if_needed(x, batch), {.axis = Axes(axes)});
}

int own_dims(const DistributionImpl& d) { return int(d.event_shape.size() - d.base()->event_shape.size()); }

/// E_p of a function of the values of p, where those can be listed.
Tensor enumerated(const DistributionImpl& p, const DistributionImpl& q) {
  Tensor values = p.enumerate_support();
  if (!values.defined() || values.size(0) > kEnumerated || !p.event_shape.empty() || !q.event_shape.empty()) return {};
  const Shape batch = *detail::try_broadcast(p.batch_shape, q.batch_shape);
  Shape tall(batch.size() + 1, 1);
  tall[0] = values.size(0);
  Tensor x = reshape(values, tall);
  const Distribution a(DistributionPtr(DistributionPtr(), &p)), b(DistributionPtr(DistributionPtr(), &q));
  Tensor log_p = a.log_prob(x), log_q = b.log_prob(x), some = log_p > -INFINITY;
  return sum(select(some, exp(log_p) * (select(some, log_p, 0.0) - select(some, log_q, 0.0)), 0.0), 0);
}

/// Independent normals against a stationary normal on a circle: its precision matrix has one value on the diagonal.
Tensor circulant(const DistributionImpl& normals, const DistributionImpl& q) {
  const Distribution target(DistributionPtr(DistributionPtr(), &q));
  const detail::Member p = detail::member(normals);
  Tensor first = (arange(q.event_shape.back()) == 0).cast(f64), centre = target.mean();
  Tensor precision = 2.0 * (target.log_prob(centre) - target.log_prob(centre + first));
  Tensor loc = p["loc"] + zeros(q.event_shape), scale = p["scale"] + zeros(q.event_shape);
  const double entropy = 0.5 + 0.918938533204672742;
  return -sum(entropy + log(scale), -1) - target.log_prob(loc) + 0.5 * precision * sum(square(scale), -1);
}

/// Targets whose mean log density under p follows from the entropy, moments or support of p.
Tensor by_moments(const DistributionImpl& p, const DistributionImpl& q) {
  if (!p.event_shape.empty() || p.support().discrete() || p.has_atoms() || q.base()) return {};
  const Tensor entropy = p.entropy();
  if (!entropy.defined()) return {};
  const detail::Member target = detail::member(q);
  if (q.name == "Normal") {
    const Tensor mean = p.mean(), variance = p.variance(), loc = target["loc"], scale = target["scale"];
    if (!mean.defined() || !variance.defined()) return {};
    const Tensor known = isfinite(mean) & isfinite(variance), m = select(known, mean, 0.0), v = select(known, variance, 1.0);
    const double half_log_two_pi = 0.918938533204672742;
    return select(known, half_log_two_pi + log(scale) + 0.5 * (square((m - loc) / scale) + v / square(scale)) - entropy, INFINITY);
  }
  if (q.name == "Uniform") {
    const auto [lower, upper] = detail::ends(p.support());
    const Tensor inside = (lower >= target["low"]) & (upper <= target["high"]);
    return select(inside, log(target["high"] - target["low"]) - entropy, INFINITY);
  }
  return {};
}

Tensor divergence(const DistributionImpl& p, const DistributionImpl& q) {
  const ModifierKind kp = detail::modifier_kind(p), kq = detail::modifier_kind(q);
  if (kp == ModifierKind::restricted || kq == ModifierKind::restricted) return {};
  auto through = [&](const DistributionImpl& modifier, const Tensor& x) {
    return x.defined() ? modified(modifier, x) : x;
  };
  if (kp == ModifierKind::masked || kp == ModifierKind::expanded) return through(p, divergence(*p.base(), q));
  if (kq == ModifierKind::masked || kq == ModifierKind::expanded) return through(q, divergence(p, *q.base()));

  if (p.name == "Delta" && !p.base()) {
    // log_density at the point, less what q gives it.
    const Distribution point(DistributionPtr(DistributionPtr(), &p)), target(DistributionPtr(DistributionPtr(), &q));
    return point.log_prob(p.parameters[0].value) - target.log_prob(p.parameters[0].value);
  }
  const bool ip = kp == ModifierKind::independent, iq = kq == ModifierKind::independent;
  if (ip && iq) {
    // Dimensions that both declare dependent are summed over; what one has more stays with it.
    const int shared = std::min(own_dims(p), own_dims(q));
    auto rest = [&](const DistributionImpl& d) {
      Distribution base(base_of(d));
      return base.to_event(own_dims(d) - shared);
    };
    const Distribution a = rest(p), b = rest(q);
    Tensor x = divergence(*a.impl(), *b.impl());
    auto batch = detail::try_broadcast(a.batch_shape(), b.batch_shape());
    return x.defined() ? summed(x, *batch, shared) : x;
  }
  if (ip && own_dims(p) == 1 && p.base()->name == "Normal" && q.name == "CirculantNormal")
    return p.base()->base() ? Tensor() : circulant(*p.base(), q);
  auto flat = [](const DistributionImpl& d, bool independent) -> std::optional<detail::Member> {
    // Independent normals side by side are a normal vector.
    if (!independent) return detail::member(d);
    const DistributionImpl* base = d.base();
    while (detail::modifier_kind(*base) == ModifierKind::expanded) base = base->base();
    if (base->name != "Normal" || base->base() || own_dims(d) != 1) return std::nullopt;
    detail::Member m = detail::member(*base);
    for (auto& p : m.parameters) p.value = detail::broadcast_if_needed(p.value, d.base()->batch_shape);
    return m;
  };
  const auto a = flat(p, ip), b = flat(q, iq);
  if (!a || !b) return {};
  if (p.event_shape.size() == 1 && q.event_shape.size() == 1)
    if (Tensor x = detail::kl_of_vectors(*a, *b); x.defined()) return x;
  if (ip || iq) return {};
  if (p.event_shape.size() == 2)
    if (Tensor x = detail::kl_of_matrices(*a, *b, p.event_shape.back()); x.defined()) return x;
  if (Tensor x = detail::kl_of_numbers(*a, *b); x.defined()) return x;
  if (Tensor x = detail::kl_of_counts(*a, *b); x.defined()) return x;
  if (Tensor x = by_moments(p, q); x.defined()) return x;
  return enumerated(p, q);
}

}  // namespace

Tensor kl_divergence(const Distribution& p, const Distribution& q, Where where) {
  if (!p.impl() || !q.impl()) throw Error("kl_divergence: an empty Distribution was given", where);
  p.validate();
  q.validate();
  auto batch = detail::try_broadcast(p.batch_shape(), q.batch_shape());
  if (p.event_shape() != q.event_shape() || !batch)
    throw Error("kl_divergence: " + p.name() + " of batch shape " + to_string(p.batch_shape()) + " and event shape " +
                    to_string(p.event_shape()) + " against " + q.name() + " of batch shape " +
                    to_string(q.batch_shape()) + " and event shape " + to_string(q.event_shape()),
                where);
  Tensor x = divergence(*p.impl(), *q.impl());
  if (!x.defined())
    throw Error("kl_divergence: no closed form for " + p.name() + " against " + q.name() +
                    "; estimate it from draws, mean(p.log_prob(x) - q.log_prob(x))",
                where);
  return detail::broadcast_if_needed(x, *batch);
}

}  // namespace nuthatch
