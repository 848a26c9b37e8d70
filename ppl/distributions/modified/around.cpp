#include "ppl/distributions/modified/around.h"

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"
#include "ppl/core/line.h"

namespace nuthatch::detail {

const Distribution& given(const char* name, const Distribution& d, Where where) {
  if (!d.impl()) throw Error(std::string(name) + ": an empty Distribution was given", where);
  return d;
}

Tensor guarded_log_prob(const Distribution& d, const Tensor& x) {
  const Constraint set = d.support();
  if (set.kind() == Constraint::Kind::real) return d.log_prob_in_support(x);
  Tensor inside = set.check(x), place = inside;
  for (std::size_t i = 0; i < d.event_shape().size(); ++i) place = expand_dims(place, -1);
  Tensor otherwise = d.event_shape().empty() ? set.feasible() : set.feasible(x.shape());
  return select(inside, d.log_prob_in_support(select(place, x, otherwise)), -INFINITY);
}

Tensor log_difference(const Tensor& a, const Tensor& b) {
  Tensor none = b == -INFINITY, same = ~(a > b);
  Tensor gap = select(none | same, 1.0, a - b);
  return select(none, a, select(same, -INFINITY, a + log1mexp(gap)));
}

Tensor log_mass_between(const Distribution& d, const Tensor& a, const Tensor& b) {
  if (!a.defined() && !b.defined()) return 0.0;
  if (!a.defined()) return d.log_cdf(b);
  if (!b.defined()) return d.log_survival(a);
  Tensor Fa = d.log_cdf(a), Fb = d.log_cdf(b), Sa = d.log_survival(a), Sb = d.log_survival(b);
  // Below the median by the distribution function, above it by the survival function; where the median is between, one
  // minus the two tails.
  const double half = -0.6931471805599453;
  Tensor tails = select((Fa < half) & (Sb < half), exp(Fa) + exp(Sb), 0.0);
  return select(Fb <= half, log_difference(Fb, Fa), select(Sa <= half, log_difference(Sa, Sb), log1p(-tails)));
}

namespace {
struct Bracket { Tensor a, b, c, fa, fb, fc, t, i; };
}  // namespace

Tensor find_zero(const Tensor& low, const Tensor& high, FunctionRef<Tensor(const Tensor&)> f) {
  constexpr double eps = 2.220446049250313e-16;
  auto width = [&](const Bracket& s) { return abs(s.b - s.a); };
  auto best = [&](const Bracket& s) { return select(abs(s.fa) < abs(s.fb), s.a, s.b); };
  auto open = [&](const Bracket& s) {
    return (width(s) > 2.0 * eps * abs(best(s)) + 1e-300) & (sign(s.fa) * sign(s.fb) < 0.0);
  };
  Tensor half = full_like(low, 0.5), f_low = f(low), f_high = f(high);
  Bracket last = while_loop(
      Bracket{high, low, low, f_high, f_low, f_low, half, Tensor(0)},
      [&](const Bracket& s) { return any_of(open(s)) & (s.i < 2200); },
      [&](const Bracket& s) {
        Tensor go = open(s), x = s.a + s.t * (s.b - s.a), fx = f(x);
        Tensor same = sign(fx) == sign(s.fa);
        // The new point replaces the end whose sign it has; c is the point before.
        Tensor c = select(same, s.a, s.b), fc = select(same, s.fa, s.fb);
        Tensor b = select(same, s.b, s.a), fb = select(same, s.fb, s.fa);
        // Inverse quadratic interpolation where it is safe, else bisection.
        Tensor xi = (x - b) / (c - b), phi = (fx - fb) / (fc - fb);
        Tensor safe = (square(phi) < xi) & (square(1.0 - phi) < 1.0 - xi) & (s.i % 4 != 3);
        Tensor step = fx / (fb - fx) * fc / (fb - fc) + (c - x) / (b - x) * fx / (fc - fx) * fb / (fc - fb);
        Tensor margin = clamp(2.0 * eps * maximum(abs(x), 1e-300) / maximum(abs(b - x), 1e-300), 0.0, 0.5);
        Tensor t = clamp(select(safe & isfinite(step), step, 0.5), margin, 1.0 - margin);
        return Bracket{select(go, x, s.a),   select(go, b, s.b),   select(go, c, s.c), select(go, fx, s.fa),
                       select(go, fb, s.fb), select(go, fc, s.fc), select(go, t, s.t), s.i + 1};
      });
  // A bracket that rounding has made useless has its zero at one end.
  return select(f_high <= 0.0, high, select(f_low >= 0.0, low, best(last)));
}

Tensor with_implicit_derivative(const Tensor& x, const Tensor& log_F, const Tensor& log_density, const Tensor& upper) {
  Tensor slope = stop_gradient(exp(log_F - log_density)), change = (log_F - stop_gradient(log_F)) * slope;
  return stop_gradient(x) + select(upper, change, -change);
}

std::optional<Constraint> joint_support(const Constraint& a, const Constraint& b) {
  const bool bounds = a.lower().defined() || a.upper().defined() || b.lower().defined() || b.upper().defined();
  if (a.kind() == b.kind() && a.event_dim() == b.event_dim() && !bounds) return a;
  if (a.event_dim() != b.event_dim() || a.discrete() != b.discrete()) return std::nullopt;
  if (a.own_event_dim() != 0 || b.own_event_dim() != 0 || a.rule() || b.rule()) return std::nullopt;
  const int dims = a.event_dim();
  Ends u = ends(a), v = ends(b);
  auto infinite = [](const Tensor& x) { return x.is_weak() && x.is_concrete() && std::isinf(x.item()); };
  const bool low = !infinite(u.lower) && !infinite(v.lower), high = !infinite(u.upper) && !infinite(v.upper);
  Tensor lower = minimum(u.lower, v.lower), upper = maximum(u.upper, v.upper);
  if (a.discrete())
    return constraints::integer_interval(low ? lower : Tensor(-INFINITY), high ? upper : Tensor(INFINITY))
        .independent(dims);
  if (low && high) return constraints::interval(lower, upper).independent(dims);
  if (low) return constraints::greater_than_eq(lower).independent(dims);
  if (high) return constraints::less_than_eq(upper).independent(dims);
  return Constraint().independent(dims);
}

}  // namespace nuthatch::detail
