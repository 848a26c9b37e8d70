#include "nuthatch/distribution.h"

#include <cmath>
#include <cstdlib>
#include <cxxabi.h>

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"
#include "ppl/core/line.h"

namespace nuthatch {

std::string detail::type_name(const char* mangled) {
  int status = 0;
  char* text = abi::__cxa_demangle(mangled, nullptr, nullptr, &status);
  std::string result = status == 0 ? text : mangled;
  std::free(text);
  if (std::size_t colon = result.rfind("::"); colon != std::string::npos && result.find('<') == std::string::npos)
    result.erase(0, colon + 2);
  return result;
}

void Distribution::validate(const std::string& context) const {
  if (!impl_) throw Error("an empty Distribution was used" + context);
  if (impl_->problem) throw Error(*impl_->problem + context, impl_->where);
}

Shape Distribution::shape(const Shape& sample_shape) const {
  return detail::join(sample_shape, detail::join(batch_shape(), event_shape()));
}

namespace {
/// Shape of the log density of a value.
Shape result_shape(const Distribution& d, const Tensor& value) {
  d.validate();
  const std::size_t event_dim = d.event_shape().size();
  if (value.shape().size() < event_dim || detail::trailing(value.shape(), event_dim) != d.event_shape())
    throw Error(d.name() + ": a value of shape " + to_string(value.shape()) + " does not end with the event shape " +
                    to_string(d.event_shape()),
                d.impl()->where);
  auto result = detail::try_broadcast(d.batch_shape(), detail::leading(value.shape(), event_dim));
  if (!result)
    throw Error(d.name() + ": cannot broadcast a value of shape " + to_string(value.shape()) + " with batch shape " +
                    to_string(d.batch_shape()),
                d.impl()->where);
  return *result;
}
}  // namespace

Tensor Distribution::log_prob_in_support(const Tensor& value) const {
  Shape shape = result_shape(*this, value);
  return detail::broadcast_if_needed(impl_->log_prob(value), shape);
}

Tensor Distribution::total_log_prob_in_support(const Tensor& value) const {
  return impl_->total_log_prob(value, result_shape(*this, value).num_elements());
}

Tensor Distribution::log_prob(const Tensor& value) const {
  Tensor density = log_prob_in_support(value);
  Constraint set = support();
  // Finite numbers are all there is outside of every other set: nothing to test.
  if (set.kind() == Constraint::Kind::real || impl_->masked()) return density;
  return select(set.check(value), density, -INFINITY);
}

Tensor Distribution::sample(const Key& key, const Shape& sample_shape) const {
  validate();
  return impl_->sample(key, shape(sample_shape));
}

namespace {
Tensor available(const Distribution& d, const Tensor& x, const char* what) {
  d.validate();
  if (!x.defined()) {
    const std::string whose = d.event_shape().empty() ? "" : " for values of shape " + to_string(d.event_shape());
    throw Error(d.name() + " has no " + what + whose + ", neither in closed form nor by a stable method", d.impl()->where);
  }
  return x;
}
}  // namespace

Tensor Distribution::mean() const {
  return detail::broadcast_if_needed(available(*this, impl_->mean(), "mean"), shape());
}
Tensor Distribution::variance() const {
  return detail::broadcast_if_needed(available(*this, impl_->variance(), "variance"), shape());
}
Tensor Distribution::stddev() const { return sqrt(variance()); }
Tensor Distribution::mode() const {
  return detail::broadcast_if_needed(available(*this, impl_->mode(), "mode"), shape());
}
Tensor Distribution::entropy() const {
  return detail::broadcast_if_needed(available(*this, impl_->entropy(), "entropy"), batch_shape());
}

bool Distribution::has_cdf() const { return event_shape().empty() && impl_->cdf(support().feasible()).defined(); }
bool Distribution::has_icdf() const { return event_shape().empty() && impl_->icdf(0.5).defined(); }

namespace {
/// Families are evaluated between the ends of their support only: at the ends and beyond, the distribution function is
/// known, and a formula may overflow or take the logarithm of a negative number.
/// f between the ends; `below` and `above` elsewhere.
template <class F>
Tensor on_line(const Distribution& d, const Tensor& value, double below, double above, F&& f) {
  d.validate();
  const Constraint set = d.support();
  if (set.event_dim() != 0) return {};
  const auto [lower, upper] = detail::ends(set);
  Tensor x = set.discrete() ? floor(value) : value;
  const bool attained = set.discrete() || d.impl()->has_atoms();  // the lower end has mass of its own
  Tensor left = attained ? (x < lower) | (x == -INFINITY) : x <= lower, right = x >= upper;
  Tensor result = f(select(left | right, set.feasible(), x));
  if (!result.defined()) return result;
  return detail::broadcast_if_needed(select(left, below, select(right, above, result)), result_shape(d, value));
}
}  // namespace

Tensor Distribution::cdf(const Tensor& value) const {
  return available(*this, on_line(*this, value, 0, 1, [&](const Tensor& x) { return impl_->cdf(x); }),
                   "distribution function");
}
Tensor Distribution::log_cdf(const Tensor& value) const {
  Tensor result = on_line(*this, value, -INFINITY, 0, [&](const Tensor& x) {
    if (Tensor y = impl_->log_cdf(x); y.defined()) return y;
    Tensor y = impl_->cdf(x);
    return y.defined() ? log(y) : y;
  });
  return available(*this, result, "distribution function");
}
Tensor Distribution::survival(const Tensor& value) const {
  Tensor result = on_line(*this, value, 1, 0, [&](const Tensor& x) {
    if (Tensor y = impl_->survival(x); y.defined()) return y;
    Tensor y = impl_->cdf(x);
    return y.defined() ? 1.0 - y : y;
  });
  return available(*this, result, "distribution function");
}
Tensor Distribution::log_survival(const Tensor& value) const {
  Tensor result = on_line(*this, value, 0, -INFINITY, [&](const Tensor& x) {
    if (Tensor y = impl_->log_survival(x); y.defined()) return y;
    if (Tensor y = impl_->survival(x); y.defined()) return log(y);
    Tensor y = impl_->cdf(x);
    return y.defined() ? log1p(-y) : y;
  });
  return available(*this, result, "distribution function");
}
Tensor Distribution::icdf(const Tensor& probability) const {
  const Tensor inside = (probability > 0.0) & (probability < 1.0);
  Tensor x = available(*this, impl_->icdf(select(inside, probability, 0.5)), "quantile function");
  const auto [lower, upper] = detail::ends(support());
  Tensor end = select(probability == 0.0, lower, select(probability == 1.0, upper, NAN));
  return detail::broadcast_if_needed(select(inside, x, end), result_shape(*this, probability));
}

Tensor Distribution::enumerate_support() const {
  return available(*this, impl_->enumerate_support(), "finite support to enumerate");
}

Tensor Distribution::support_point() const {
  validate();
  Tensor x = impl_->support_point();
  if (!x.defined()) x = impl_->mean();
  if (!x.defined()) x = impl_->mode();
  Tensor feasible = support().feasible(shape());
  // A mean that is infinite, or not a possible value (0.3 of a count), is no starting point.
  if (x.defined()) {
    x = detail::broadcast_if_needed(x, shape());
    Tensor possible = support().check(x);
    for (std::size_t i = 0; i < event_shape().size(); ++i) possible = expand_dims(possible, -1);
    x = select(possible, x, feasible);
  } else {
    x = feasible;
  }
  return detail::broadcast_if_needed(x, shape());
}

}  // namespace nuthatch
