#include "ppl/distributions/modified/transformed.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/distributions/transformed.h"
#include "nuthatch/math.h"
#include "ppl/distributions/modified/around.h"
#include "ppl/distributions/modified/bounds.h"

namespace nuthatch {
namespace detail {
namespace {

/// As many dimensions of an event as the bijector takes.
Distribution with_event_dim(const Distribution& base, const Bijector& bijector) {
  if (!given("Transformed", base, base.impl() ? base.impl()->where : Where::current()).impl()->problem) {
    const int missing = bijector.event_dim() - int(base.event_shape().size());
    if (missing > 0 && missing <= int(base.batch_shape().size())) return base.to_event(missing);
  }
  return base;
}

std::vector<int> last_axes(std::size_t n) {
  std::vector<int> axes;
  for (std::size_t i = 1; i <= n; ++i) axes.push_back(-int(i));
  return axes;
}

}  // namespace

TransformedDensity::TransformedDensity(const Distribution& base, const Bijector& bijector, Where line)
    : DistributionImpl("Transformed", {}, {}, line), base_(with_event_dim(base, bijector)), bijector_(bijector) {
  problem = base.impl()->problem;
  if (problem) return;
  batch_shape = base_.batch_shape();
  if (int(base_.event_shape().size()) < bijector.event_dim()) {
    problem = "Transformed: the bijector maps events of " + std::to_string(bijector.event_dim()) + " dimensions, but " +
              base.name() + " has shape " + to_string(base.shape());
    return;
  }
  if (base.support().discrete()) {
    problem = "Transformed: the base must be continuous, but it is a " + base.name();
    return;
  }
  // Dimensions of the event beyond those of the bijector are left where they are.
  const Shape whole = bijector.forward_shape(base_.shape());
  event_shape = trailing(whole, whole.size() - batch_shape.size());
}

Constraint TransformedDensity::support() const {
  const int extra = int(base_.event_shape().size()) - bijector_.event_dim();
  Constraint image = bijector_.image(base_.support());
  const int missing = bijector_.codomain_event_dim() + extra - image.event_dim();
  return missing > 0 ? image.independent(missing) : image;
}

Tensor TransformedDensity::log_prob(const Tensor& y) const {
  auto [x, log_det] = bijector_.inverse_and_log_det(y);
  const std::size_t extra = base_.event_shape().size() - std::size_t(bijector_.event_dim());
  if (extra > 0) log_det = sum(log_det, {.axis = Axes(last_axes(extra))});
  Tensor log_base = base_.log_prob_in_support(x);
  // An end of the image that only an infinite x reaches (1 of the sigmoid) has no density, also where log_det is -inf.
  return select(log_base == -INFINITY, -INFINITY, log_base - log_det);
}

Tensor TransformedDensity::sample(const Key& key, const Shape& shape) const {
  const Shape outer = leading(shape, event_shape.size());
  return bijector_.forward(base_.impl()->sample(key, join(outer, base_.event_shape())));
}

template <class F, class G>
Tensor TransformedDensity::by_direction(const Tensor& y, F&& f, G&& g) const {
  Tensor direction = bijector_.sign();
  if (!event_shape.empty() || !direction.defined() || !bijector_.bijective() || !base_.has_cdf()) return {};
  Tensor x = bijector_.inverse(y);
  if (direction.is_concrete() && direction.size() == 1) return direction.item() > 0 ? f(x) : g(x);
  return select(direction > 0.0, f(x), g(x));
}

Tensor TransformedDensity::cdf(const Tensor& y) const {
  return by_direction(
      y, [&](const Tensor& x) { return base_.cdf(x); }, [&](const Tensor& x) { return base_.survival(x); });
}
Tensor TransformedDensity::survival(const Tensor& y) const {
  return by_direction(
      y, [&](const Tensor& x) { return base_.survival(x); }, [&](const Tensor& x) { return base_.cdf(x); });
}
Tensor TransformedDensity::log_cdf(const Tensor& y) const {
  return by_direction(
      y, [&](const Tensor& x) { return base_.log_cdf(x); }, [&](const Tensor& x) { return base_.log_survival(x); });
}
Tensor TransformedDensity::log_survival(const Tensor& y) const {
  return by_direction(
      y, [&](const Tensor& x) { return base_.log_survival(x); }, [&](const Tensor& x) { return base_.log_cdf(x); });
}
Tensor TransformedDensity::icdf(const Tensor& q) const {
  Tensor direction = bijector_.sign();
  if (!event_shape.empty() || !direction.defined() || !bijector_.bijective() || !base_.has_icdf()) return {};
  if (direction.is_concrete() && direction.size() == 1)
    return bijector_.forward(direction.item() > 0 ? base_.icdf(q) : complementary_quantile(base_, q));
  return bijector_.forward(select(direction > 0.0, base_.icdf(q), complementary_quantile(base_, q)));
}
Tensor TransformedDensity::support_point() const { return bijector_.forward(base_.support_point()); }

}  // namespace detail

Transformed::Transformed(const Distribution& base, const Bijector& bijector, Where where)
    : Distribution(
          share<detail::TransformedDensity>(detail::given("Transformed", base, where), bijector, where)) {}
Transformed::Transformed(const Distribution& base, const std::vector<Bijector>& bijectors, Where where)
    : Transformed(base, transforms::compose(bijectors), where) {}

Distribution Distribution::transformed(const Bijector& bijector, Where where) const {
  return Transformed(*this, bijector, where);
}

}  // namespace nuthatch
