#include "inference/mcmc/adaptation.h"

#include <algorithm>
#include <cmath>

#include "inference/kernels/hamiltonian.h"
#include "nuthatch/array.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"

namespace nuthatch::mcmc {
namespace {

using kernels::update_if;

Tensor scalar(double x) { return full(Shape{}, Tensor(x)); }
Tensor integer(std::int64_t x) { return full(Shape{}, Tensor(x)); }

// Hoffman & Gelman's constants, as in Stan.
constexpr double gamma = 0.05, t0 = 10.0, kappa = 0.75;

DualAveraging learn(const DualAveraging& before, const Tensor& error, Tensor& log_step_size) {
  DualAveraging d = before;
  d.updates = d.updates + 1.0;
  Tensor eta = 1.0 / (d.updates + t0);
  d.mean_error = fma(eta, error, (1.0 - eta) * d.mean_error);
  log_step_size = fma(-(sqrt(d.updates) / gamma), d.mean_error, d.log_target);
  Tensor weight = exp(-kappa * log(d.updates));
  d.log_average = fma(weight, log_step_size, (1.0 - weight) * d.log_average);
  return d;
}

// Stan's regularisation: the estimate counts n draws, 1e-3 counts five.
Tuning estimate(const AdaptationRules& rules, const Moments& m, const Tensor& step_size) {
  Tensor shrink = m.count / (m.count + 5.0);
  Tensor floor = 1e-3 * (5.0 / (m.count + 5.0));
  Tensor covariance = m.squares / (m.count - 1.0);
  if (m.squares.ndim() == 1) {
    Tensor variance = fma(shrink, covariance, floor);
    return {step_size, variance, 1.0 / sqrt(variance)};
  }
  Tensor regularised = within_groups(rules, fma(shrink, covariance, floor * eye(m.mean.size())));
  return {step_size, regularised, cholesky(regularised)};
}

}  // namespace

Moments no_moments(const Shape& mean, const Shape& squares) { return {scalar(0), zeros(mean), zeros(squares)}; }

Moments add(const Moments& before, const Tensor& x) {
  Moments m = before;
  m.count = m.count + 1.0;
  Tensor deviation = x - m.mean;
  m.mean = m.mean + deviation / m.count;
  Tensor remaining = x - m.mean;
  m.squares = m.squares.ndim() == 2 ? fma(expand_dims(deviation, 1), expand_dims(remaining, 0), m.squares)
                                    : fma(deviation, remaining, m.squares);
  return m;
}

Tensor within_groups(const AdaptationRules& rules, const Tensor& x) {
  if (rules.groups.empty()) return x;
  const Tensor group = rules.groups;
  return x * (expand_dims(group, 0) == expand_dims(group, 1)).cast(f64);
}

WindowSchedule window_schedule(std::int64_t n) {
  if (n < 20) return {n, n, 0, 0};
  if (n >= 150) return {n, 75, 25, 50};
  WindowSchedule s{n, std::int64_t(0.15 * double(n)), 0, std::int64_t(0.1 * double(n))};
  s.base = n - s.initial - s.final;
  return s;
}

std::vector<std::int64_t> window_ends(const WindowSchedule& s) {
  std::vector<std::int64_t> ends;
  if (s.base == 0) return ends;
  const std::int64_t last = s.num_warmup - s.final - 1;
  std::int64_t size = s.base, end = s.initial + s.base - 1;
  while (true) {
    ends.push_back(end);
    if (end == last) return ends;
    size *= 2;
    end += size;
    if (end + 2 * size > last) end = last;  // too little left for another window: this one takes it all
  }
}

WindowSchedule schedule_of(const AdaptationRules& rules, std::int64_t num_warmup) {
  if (rules.source == MetricSource::fisher) return fisher_schedule(num_warmup);
  WindowSchedule s = window_schedule(num_warmup);
  if (rules.noisy_acceptance && num_warmup >= 400) s.final = num_warmup / 4;
  return s;
}

AdaptationPlan adaptation_plan(const WindowSchedule& s, double target_accept_prob) {
  const bool windows = s.base > 0;
  return {integer(s.num_warmup), integer(s.initial), integer(windows ? s.num_warmup - s.final : s.initial),
          scalar(target_accept_prob)};
}

DualAveraging restart(const Tensor& step_size) {
  return {log(10.0 * step_size), scalar(0), scalar(0), scalar(0)};
}

Adaptation begin_adaptation(const AdaptationRules& rules, const WindowSchedule& schedule, std::int64_t dim,
                            double step_size) {
  const bool dense = rules.metric == MetricKind::dense;
  const Shape shape = dense ? Shape{dim, dim} : Shape{dim};
  Tensor unit = dense ? eye(dim) : ones(dim);
  Adaptation a;
  a.tuning = {scalar(step_size), unit, unit};
  a.step = restart(a.tuning.step_size);
  const bool fisher = rules.source == MetricSource::fisher;  // its windows begin with the first draw
  if (rules.metric == MetricKind::low_rank) {
    const std::int64_t rank = std::min(rules.rank, dim);
    a.tuning.low_rank = {zeros({rank, dim}), ones(rank)};
    a.points = {no_points(dim)};
  } else {
    a.moments.assign(fisher ? 4 : 1, no_moments({dim}, shape));
  }
  a.previous = zeros(dim);
  a.window_end = integer((fisher ? 0 : schedule.initial) + schedule.base - 1);
  a.window_size = integer(schedule.base);
  return a;
}

Adaptation end_window(const AdaptationRules& rules, const AdaptationPlan& plan, const Adaptation& before,
                      const Moments& draws) {
  Adaptation a = before;
  a.tuning = estimate(rules, draws, before.tuning.step_size);
  a.moments[0] = no_moments(draws.mean.shape(), draws.squares.shape());
  if (rules.step_size) a.step = restart(before.tuning.step_size);
  Tensor last = plan.windows_end - 1;
  a.window_size = before.window_size * 2;
  Tensor end = before.window_end + a.window_size;
  a.window_end = select(end + a.window_size * 2 > last, last, end);
  return a;
}

Adaptation learn_from_windows(const AdaptationRules& rules, const AdaptationPlan& plan, const Adaptation& before,
                              const Experience& seen) {
  Adaptation a = before;
  Tensor inside = (seen.draw >= plan.windows_begin) & (seen.draw < plan.windows_end);
  a.moments[0] = update_if(inside, a.moments[0], [&](const Moments& m) { return add(m, seen.position); });
  if (rules.pooled) return a;
  return update_if(inside & (seen.draw == a.window_end), a, [&](const Adaptation& x) {
    return end_window(rules, plan, x, x.moments[0]);
  });
}

Adaptation adapt(const AdaptationRules& rules, const AdaptationPlan& plan, const Adaptation& before,
                 const Experience& seen) {
  Adaptation a = before;
  if (rules.step_size) {
    Tensor log_step_size;
    const Tensor acceptance = seen.late_acceptance.defined()
                                  ? select(seen.draw < plan.windows_begin, seen.acceptance, seen.late_acceptance)
                                  : seen.acceptance;
    a.step = learn(a.step, plan.target_accept_prob - acceptance, log_step_size);
    a.tuning.step_size = exp(log_step_size);
  }
  if (rules.mass_matrix) {
    a = rules.source == MetricSource::fisher ? learn_from_gradients(rules, plan, a, seen)
                                             : learn_from_windows(rules, plan, a, seen);
  }
  if (rules.step_size) {
    a.tuning.step_size = update_if(seen.draw == plan.num_warmup - 1, a.tuning.step_size,
                                   [&](const Tensor&) { return exp(a.step.log_average); });
  }
  return a;
}

}  // namespace nuthatch::mcmc
