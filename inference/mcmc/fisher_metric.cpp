#include <cmath>

#include "inference/kernels/hamiltonian.h"
#include "inference/mcmc/adaptation.h"
#include "inference/mcmc/geometric_mean.h"
#include "nuthatch/array.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"

// The metric that makes the gradients of the transformed density as large as its draws are wide: inverse mass S with
// S cov(g) S = cov(x), sqrt(var(x) / var(g)) when it is diagonal. Draws of a transient spoil it less than a variance, so
// it is used from the second draw on, and estimates begin anew often while the chain still moves towards the typical set.
namespace nuthatch::mcmc {
namespace {

using kernels::update_if;

constexpr std::int64_t early_window = 10, first_late_window = 80, update_every = 10;
constexpr double smallest = 1e-80, largest = 1e80;
constexpr double smallest_ratio = 1e-10;  // of eigenvalues, so that factorisations succeed

/// A point counts once, with its gradient, when the chain has left it: rejections say nothing of the scale.
Adaptation add_point(const Adaptation& before, const Experience& seen) {
  Adaptation a = before;
  for (Points& p : a.points) p = add(p, before.previous, seen.gradient);
  for (std::size_t i = 0; i < a.moments.size(); ++i)
    a.moments[i] = add(a.moments[i], i % 2 == 0 ? before.previous : seen.gradient);
  return a;
}

Adaptation begin_window(const AdaptationPlan& plan, const Adaptation& before, const Tensor& early) {
  Adaptation a = before;
  for (Points& p : a.points) p.begin = p.next_begin, p.next_begin = p.count;
  if (!a.moments.empty()) {
    const Moments none = no_moments(a.moments[0].mean.shape(), a.moments[0].squares.shape());
    a.moments = {before.moments[2], before.moments[3], none, none};
  }
  Tensor end = before.window_end + early_window;
  Tensor stays_early = end < plan.windows_begin;
  Tensor late = select(early, first_late_window, before.window_size + (before.window_size >> 1));
  a.window_size = select(stays_early, early_window, late);
  a.window_end = before.window_end + a.window_size;
  return a;
}

}  // namespace

Adaptation with_metric(const AdaptationRules& rules, const Adaptation& before, const Tuning& tuning) {
  const auto log_scale = [](const Tuning& t) {
    return mean(log(t.inverse_mass.ndim() == 2 ? diagonal(t.inverse_mass) : t.inverse_mass));
  };
  Adaptation a = before;
  a.tuning = tuning;
  if (!rules.step_size) return a;
  Tensor shift = 0.5 * (log_scale(before.tuning) - log_scale(tuning));
  a.tuning.step_size = tuning.step_size * exp(shift);
  a.step.log_target = before.step.log_target + shift;
  a.step.log_average = before.step.log_average + shift;
  return a;
}

Tuning fisher_estimate(const AdaptationRules& rules, const Adaptation& a) {
  if (rules.metric == MetricKind::low_rank) return low_rank_estimate(rules, a.points[0], a.tuning);
  if (rules.metric == MetricKind::dense) return dense_estimate(rules, a.moments[0], a.moments[1], a.tuning);
  return diagonal_estimate(a.moments[0], a.moments[1], a.tuning);
}

Tensor points_seen(const Adaptation& a) {
  return a.points.empty() ? a.moments[0].count : (a.points[0].count - a.points[0].begin).cast(f64);
}

WindowSchedule fisher_schedule(std::int64_t n) {
  const auto share = [&](double part) { return std::int64_t(std::ceil(part * double(n))); };
  return {n, share(0.3), early_window, share(0.15)};
}

/// The divisors n - 1 of the two variances cancel.
Tuning diagonal_estimate(const Moments& draws, const Moments& gradients, const Tuning& before) {
  Tensor ratio = sqrt(draws.squares / gradients.squares);
  Tensor estimate = select((ratio > smallest) & (ratio < largest), ratio, before.inverse_mass);  // false for NaN: 0 / 0
  return {before.step_size, estimate, 1.0 / sqrt(estimate)};
}

// In units of the diagonal metric, where both covariances are about one, and with a fifth of an observation that says
// they are one: directions that few draws have not seen keep the scale of the diagonal.
Tuning dense_estimate(const AdaptationRules& rules, const Moments& draws, const Moments& gradients, const Tuning& before) {
  const std::int64_t dim = draws.mean.size();
  Tensor ratio = sqrt(diagonal(draws.squares) / diagonal(gradients.squares));
  Tensor known = (ratio > smallest) & (ratio < largest);
  Tensor scale = sqrt(select(known, ratio, diagonal(before.inverse_mass)));
  Tensor both = (expand_dims(known, 0) & expand_dims(known, 1)).cast(f64);
  const auto in_units = [&](const Tensor& squares, const Tensor& unit) {
    Tensor covariance = both * (squares / expand_dims(unit, 0) / expand_dims(unit, 1) / draws.count);
    Tensor floor = 0.2 / draws.count + smallest_ratio * trace_of(covariance);
    return within_groups(rules, covariance) + floor * eye(dim);
  };
  Tensor mean = geometric_mean(in_units(draws.squares, scale), in_units(gradients.squares, 1.0 / scale));
  Tensor covariance = within_groups(rules, mean * expand_dims(scale, 0) * expand_dims(scale, 1));
  Tensor factor = cholesky(covariance), sound = all_of(isfinite(factor));
  return {before.step_size, select(sound, covariance, before.inverse_mass), select(sound, factor, before.momentum_scale)};
}

Adaptation learn_from_gradients(const AdaptationRules& rules, const AdaptationPlan& plan, const Adaptation& before,
                                const Experience& seen) {
  return update_if(seen.draw < plan.windows_end, before, [&](const Adaptation& x) {
    Tensor moved = (seen.draw > 0) & any_of(seen.position != x.previous);
    Adaptation a = update_if(moved, x, [&](const Adaptation& y) { return add_point(y, seen); });
    a.previous = seen.position;

    Tensor early = seen.draw < plan.windows_begin;
    Tensor switches = seen.draw == a.window_end;
    a = update_if(switches, a, [&](const Adaptation& y) { return begin_window(plan, y, early); });

    if (rules.pooled) return a;
    const bool is_diagonal = rules.metric == MetricKind::diagonal;
    Tensor due = switches | ((seen.draw % update_every) == update_every - 1);
    if (is_diagonal) due = due | early;
    Tensor enough = points_seen(a) > (is_diagonal ? 1.0 : 2.0);
    return update_if(due & enough, a, [&](const Adaptation& y) { return with_metric(rules, y, fisher_estimate(rules, y)); });
  });
}

}  // namespace nuthatch::mcmc
