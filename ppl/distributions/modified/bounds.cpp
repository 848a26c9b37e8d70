#include "ppl/distributions/modified/bounds.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"
#include "nuthatch/message.h"
#include "ppl/core/line.h"
#include "ppl/distributions/discrete/summation.h"
#include "ppl/distributions/modified/around.h"

namespace nuthatch::detail {
namespace {

std::vector<Parameter> bound_parameters(const Bounds& b) {
  std::vector<Parameter> result;
  const Constraint any(Constraint::Kind::interval, Tensor(-INFINITY), Tensor(INFINITY));
  if (b.lower.defined()) result.push_back({"lower", b.lower, any});
  if (b.upper.defined()) result.push_back({"upper", b.upper, any});
  return result;
}

bool infinite(const Tensor& x) { return x.is_weak() && x.is_concrete() && std::isinf(x.item()); }

/// The location about which a family is symmetric; nothing for others.
Tensor centre(const Distribution& d) {
  const std::string& n = d.name();
  const bool known =
      n == "Normal" || n == "Cauchy" || n == "Laplace" || n == "Logistic" || n == "StudentT" || n == "SoftLaplace";
  if (!known || d.impl()->base()) return {};
  for (const auto& p : d.parameters())
    if (p.name == "loc") return p.value;
  return {};
}

struct Reach { Tensor high, step, i; };

}  // namespace

Bounded::Bounded(const char* family, const Distribution& base, const Bounds& bounds, Where where)
    : DistributionImpl(family, bound_parameters(bounds), {}, where), base_(given(family, base, where)),
      lower_(bounds.lower), upper_(bounds.upper) {
  if (base.impl()->problem) problem = base.impl()->problem;
  if (problem) return;
  if (parameters.empty()) problem = name + ": neither lower nor upper was given";
  else if (!base.has_cdf())
    problem = name + ": the base must be a distribution of one number with a distribution function, but " +
              base.name() + " has none";
  else if (lower_.defined() && upper_.defined() && !NoValidation::active()) {
    // Of integers, one that satisfies both is enough.
    Constraint above = discrete() ? constraints::greater_than_eq(lower_) : constraints::greater_than(lower_);
    if (auto bad = above.violation(upper_, "upper"))
      problem = name + ": upper must be greater than lower, but " + *bad + " and lower = " + to_string(lower_);
  }
  if (problem) return;
  auto batch = try_broadcast(batch_shape, base.batch_shape());
  if (!batch)
    problem = name + ": cannot broadcast bounds " + to_string(batch_shape) + " with " + base.name() +
              " of batch shape " + to_string(base.batch_shape());
  else batch_shape = *batch;
}

Tensor Bounded::before() const {
  if (!lower_.defined() || !discrete()) return lower_;
  return ceil(lower_.cast(f64)) - 1.0;
}
Tensor Bounded::last() const {
  if (!upper_.defined() || !discrete()) return upper_;
  return floor(upper_.cast(f64));
}

Constraint Bounded::between() const {
  Ends e = ends(base_.support());
  if (lower_.defined()) e.lower = infinite(e.lower) ? lower_ : maximum(lower_, e.lower);
  if (upper_.defined()) e.upper = infinite(e.upper) ? upper_ : minimum(upper_, e.upper);
  const bool low = !infinite(e.lower), high = !infinite(e.upper);
  if (discrete()) return constraints::integer_interval(low ? ceil(e.lower.cast(f64)) : Tensor(-INFINITY),
                                                       high ? floor(e.upper.cast(f64)) : Tensor(INFINITY));
  if (low && high) return constraints::interval(e.lower, e.upper);
  if (low) return constraints::greater_than_eq(e.lower);
  if (high) return constraints::less_than_eq(e.upper);
  return Constraint();
}

Tensor upper_quantile(const Distribution& d, const Tensor& log_s, const Tensor& high) {
  const Tensor target = stop_gradient(log_s), loc = centre(d);
  // By symmetry down to the smallest double, otherwise as far as 1 - s keeps the digits of s; beyond, by search.
  const double enough = loc.defined() ? -700.0 : -7.0;
  const Tensor s = exp(maximum(target, enough)), rare = target < enough;
  const Tensor simple = stop_gradient(loc.defined() ? 2.0 * loc - d.icdf(s) : d.icdf(1.0 - s));
  if (rare.is_concrete() && !any_of(rare).item<bool>()) return simple;
  const Shape shape = broadcast_shapes({simple.shape(), high.shape()});
  auto whole = [&](const Tensor& x) { return broadcast_if_needed(x.cast(f64), shape); };
  auto excess = [&](const Tensor& x) { return target - stop_gradient(d.log_survival(x)); };
  const Tensor start = whole(simple), top = whole(stop_gradient(high));
  // Steps that double until the survival function is below s.
  auto short_of = [&](const Reach& r) { return rare & (excess(r.high) < 0.0) & (r.high < top); };
  Reach r = while_loop(
      Reach{start, whole(maximum(abs(simple), 1.0)), Tensor(0)},
      [&](const Reach& r) { return any_of(short_of(r)) & (r.i < 1100); },
      [&](const Reach& r) {
        return Reach{select(short_of(r), minimum(r.high + r.step, top), r.high), 2.0 * r.step, r.i + 1};
      });
  return select(rare, find_zero(start, select(rare, r.high, start), excess), start);
}

Tensor lower_quantile(const Distribution& d, const Tensor& log_F, const Tensor& low) {
  const Tensor loc = centre(d);
  if (!loc.defined()) return stop_gradient(d.icdf(exp(log_F)));
  return stop_gradient(2.0 * loc - upper_quantile(d, log_F, 2.0 * loc - low));
}

Tensor complementary_quantile(const Distribution& d, const Tensor& s) {
  Tensor x = upper_quantile(d, log(s), ends(d.support()).upper);
  if (x.is_concrete()) return x;
  const Tensor at = stop_gradient(x), density = d.log_prob_in_support(at);
  Tensor moved = with_implicit_derivative(at, d.log_survival(at), density, true);
  return moved - (s - stop_gradient(s)) * stop_gradient(exp(-density));
}

}  // namespace nuthatch::detail
