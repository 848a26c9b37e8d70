#include <cmath>

#include "inference/kernels/hamiltonian.h"
#include "inference/mcmc/adaptation.h"
#include "nuthatch/array.h"
#include "nuthatch/math.h"

// The diagonal metric that makes the gradients of the transformed density as large as its draws are wide: inverse mass
// sqrt(var(x) / var(g)). Draws of a transient spoil it less than a variance, so it is used from the second draw on, and
// estimates begin anew often while the chain still moves towards the typical set.
namespace nuthatch::mcmc {
namespace {

using kernels::update_if;

constexpr std::int64_t early_window = 10, first_late_window = 80, update_every = 10;
constexpr double smallest = 1e-20, largest = 1e20;

/// The divisors n - 1 of the two variances cancel.
Tensor inverse_mass(const Moments& draws, const Moments& gradients, const Tensor& before) {
  Tensor ratio = sqrt(draws.squares / gradients.squares);
  return select((ratio > smallest) & (ratio < largest), ratio, before);  // false for NaN: 0 / 0
}

}  // namespace

WindowSchedule fisher_schedule(std::int64_t n) {
  const auto share = [&](double part) { return std::int64_t(std::ceil(part * double(n))); };
  return {n, share(0.3), early_window, share(0.15)};
}

Adaptation learn_from_gradients(const AdaptationPlan& plan, const Adaptation& before, const Experience& seen) {
  return update_if(seen.draw < plan.windows_end, before, [&](const Adaptation& x) {
    Adaptation a = x;
    for (std::size_t i = 0; i < 4; ++i) a.moments[i] = add(a.moments[i], i % 2 == 0 ? seen.position : seen.gradient);

    Tensor early = seen.draw < plan.windows_begin;
    Tensor switches = seen.draw == a.window_end;
    a = update_if(switches, a, [&](const Adaptation& y) {
      Adaptation next = y;
      const Shape shape = y.moments[0].mean.shape();
      next.moments = {y.moments[2], y.moments[3], no_moments(shape, shape), no_moments(shape, shape)};
      Tensor end = y.window_end + early_window;
      Tensor stays_early = end < plan.windows_begin;
      Tensor late = select(early, first_late_window, y.window_size + (y.window_size >> 1));
      next.window_size = select(stays_early, early_window, late);
      next.window_end = y.window_end + next.window_size;
      return next;
    });

    Tensor due = early | switches | ((seen.draw % update_every) == update_every - 1);
    a.tuning = update_if(due & (a.moments[0].count > 1.0), a.tuning, [&](const Tuning& t) {
      Tensor estimate = inverse_mass(a.moments[0], a.moments[1], t.inverse_mass);
      return Tuning{t.step_size, estimate, 1.0 / sqrt(estimate)};
    });
    return a;
  });
}

}  // namespace nuthatch::mcmc
