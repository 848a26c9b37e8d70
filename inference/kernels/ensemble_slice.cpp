#include "inference/kernels/ensemble_slice.h"

#include "inference/kernels/without_adaptation.h"
#include "nuthatch/index.h"
#include "nuthatch/kernels/ess.h"

namespace nuthatch::kernels {
namespace {

using State = EnsembleSlice::State;
using Intervals = EnsembleSlice::Intervals;

constexpr std::int64_t step_left = 0, step_right = 1, inside = 2, complete = 3;

Tensor integer(std::int64_t x) { return full(Shape{}, Tensor(x)); }
Tensor number(double x) { return full(Shape{}, Tensor(x)); }

/// Row numbers of all walkers: those that move first, then the others.
Tensor rows_of(const State& s) {
  const std::int64_t n = s.order.size();
  Tensor place = select(s.half == 0, s.order, (s.order + n / 2) % n);
  return zeros(n, i64).at(place).set(arange(n));
}

}  // namespace

std::vector<Statistic> EnsembleSlice::statistics() const {
  return {{"acceptance_rate", f64}, {"lp", f64}, {"n_steps", i64}, {"scale", f64}};
}

State EnsembleSlice::begin(std::int64_t walkers, std::int64_t dim) const {
  const std::int64_t half = walkers / 2;
  return {integer(0), arange(walkers), full(Shape{}, Tensor(true)), integer(0), number(0), number(0),
          number(settings_.scale),
          {zeros({half, dim}), zeros(half), zeros(half), zeros(half), zeros(half, i64), zeros(half, i64),
           zeros(half, i64)}};
}

State EnsembleSlice::new_intervals(const Chain& chain, const State& before, const Walkers& walkers) const {
  const std::int64_t n = before.order.size(), half = n / 2;
  State s = before;
  if (settings_.randomize_split)
    s.order = select(s.half == 0, random_order(draw_key(chain.key, chain.draw, Purpose::doubling), n), s.order);
  Tensor rows = rows_of(s), moving = rows[slice(0, half)];
  Tensor others = take(walkers.positions, rows[slice(half, n)]);
  auto [k_pairs, k_uniform] = split<2>(fold_in(draw_key(chain.key, chain.draw, Purpose::momentum), s.half));
  auto [a, b] = random_pairs(k_pairs, half, half);
  Tensor u = uniform(k_uniform, {3, half});
  Intervals& i = s.intervals;
  i.direction = 2.0 * s.scale * (take(others, a) - take(others, b));
  i.level = take(walkers.log_densities, moving) + log1p(-u[0]);
  i.left = -u[1];
  i.right = i.left + 1.0;
  i.steps_left = (u[2] * double(settings_.max_steps_out)).cast(i64);
  i.steps_right = (settings_.max_steps_out - 1) - i.steps_left;
  i.phase = zeros(half, i64);
  s.fresh = full(Shape{}, Tensor(false));
  return s;
}

EnsembleMove<State> EnsembleSlice::move(const Chain& chain, const State& before, const Walkers& walkers,
                                        const Target& of_one) const {
  State s = update_if(before.fresh, before, [&](const State& x) { return new_intervals(chain, x, walkers); });
  const std::int64_t n = s.order.size(), half = n / 2;
  Tensor moving = rows_of(s)[slice(0, half)], origin = take(walkers.positions, moving);
  const Intervals old = s.intervals;
  Key key = fold_in(fold_in(draw_key(chain.key, chain.draw, Purpose::leaf), s.half), s.evaluations);
  Tensor t = fma(uniform(key, {half}), old.right - old.left, old.left);
  t = select(old.phase == step_left, old.left, select(old.phase == step_right, old.right, t));
  Walkers reached = evaluate_all(of_one, fma(expand_dims(t, 1), old.direction, origin), false);

  Tensor above = reached.log_densities > old.level;
  Tensor goes_left = (old.phase == step_left) & above & (old.steps_left > 0);
  Tensor goes_right = (old.phase == step_right) & above & (old.steps_right > 0);
  Tensor found = (old.phase == inside) & (above | (t == 0.0));
  Tensor shrinks = (old.phase == inside) & ~found;
  Intervals& i = s.intervals;
  i.left = select(goes_left, old.left - 1.0, select(shrinks & (t < 0.0), t, old.left));
  i.right = select(goes_right, old.right + 1.0, select(shrinks & (t > 0.0), t, old.right));
  i.steps_left = old.steps_left - goes_left.cast(i64);
  i.steps_right = old.steps_right - goes_right.cast(i64);
  i.phase = old.phase + (((old.phase < inside) & ~goes_left & ~goes_right) | found).cast(i64);
  s.expansions = s.expansions + sum((goes_left | goes_right).cast(f64));
  s.contractions = s.contractions + sum(shrinks.cast(f64));
  s.evaluations = s.evaluations + 1;

  Tensor moved = found & above;
  Walkers next{walkers.positions.at(moving).set(select(expand_dims(moved, 1), reached.positions, origin)),
               walkers.log_densities.at(moving).set(
                   select(moved, reached.log_densities, take(walkers.log_densities, moving))),
               walkers.gradients};
  Tensor done = all_of(i.phase == complete), drawn = done & (s.half == 1);
  Tensor stats = stack({ones(n), next.log_densities, full(n, s.evaluations.cast(f64)), full(n, s.scale)}, 1);

  Tensor tuned = s.scale * 2.0 * maximum(1.0, s.expansions) / (s.expansions + s.contractions + 1.0);
  Tensor tunes = drawn & (chain.draw < chain.num_warmup) & Tensor(settings_.tune_scale);
  s.scale = select(tunes, tuned, s.scale);
  s.expansions = select(drawn, 0.0, s.expansions);
  s.contractions = select(drawn, 0.0, s.contractions);
  s.evaluations = select(drawn, 0, s.evaluations);
  s.half = select(done, 1 - s.half, s.half);
  s.fresh = done;
  return {s, next, drawn, stats};
}

}  // namespace nuthatch::kernels

namespace nuthatch {

Kernel ESS(const Model& model, const ESSOptions& o, Where where) {
  if (o.max_steps < 1) throw Error("ESS: max_steps must be at least 1", where);
  if (!(o.init_mu > 0)) throw Error("ESS: init_mu must be positive", where);
  kernels::require_distinct_starts("ESS", o.init, where);
  KernelSettings s = kernels::without_adaptation("ESS", o.init);
  const kernels::EnsembleSlice::Settings settings{o.max_steps, o.init_mu, o.tune_mu, o.randomize_split};
  s.ensemble_rule = [settings, where](const LogDensity& density, std::int64_t chains) {
    kernels::require_spanning_walkers("ESS", chains, density.dim(), where);
    return kernels::ensemble_rule("ESS", kernels::EnsembleSlice(settings), chains, density.dim());
  };
  return Kernel(model, std::move(s));
}

}  // namespace nuthatch
