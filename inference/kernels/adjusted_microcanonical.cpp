#include "inference/kernels/adjusted_microcanonical.h"

#include <cmath>
#include <limits>

#include "inference/kernels/with_adaptation.h"
#include "nuthatch/kernels/mams.h"

namespace nuthatch::kernels {
namespace {

using State = AdjustedMicrocanonical::State;

Tensor integer(std::int64_t x) { return full(Shape{}, Tensor(x)); }
constexpr std::int64_t longest_trajectory = 10000;  // a vanishing step size must not run for ever

}  // namespace

std::vector<Statistic> AdjustedMicrocanonical::statistics() const {
  return {{"acceptance_rate", f64}, {"step_size", f64}, {"lp", f64},       {"n_steps", i64},
          {"energy_error", f64},    {"diverging", bool_}, {"accepted", bool_}};
}

State AdjustedMicrocanonical::begin(std::int64_t dim) const {
  const Tensor zero = full(Shape{}, Tensor(0.0));
  return {{zeros(dim), zero, zeros(dim)}, zeros(dim), zero, integer(0), integer(0), full(Shape{}, Tensor(true))};
}

std::pair<State, Tensor> AdjustedMicrocanonical::propose(const Chain& chain, const State& before,
                                                         const Evaluated& current, const Tuning& tuning) const {
  const std::int64_t dim = current.position.size();
  State s = update_if(before.starting & chain.live, before, [&](const State&) {
    Tensor u = uniform(draw_key(chain.key, chain.draw, Purpose::doubling));
    const double length = trajectory_length_ > 0 ? trajectory_length_ : std::sqrt(double(dim));
    Tensor steps = clamp(ceil(2.0 * length * u / tuning.step_size).cast(i64), 1, longest_trajectory);
    return State{current, random_direction(draw_key(chain.key, chain.draw, Purpose::momentum), dim),
                 full(Shape{}, Tensor(0.0)), integer(0), steps, full(Shape{}, Tensor(false))};
  });
  Turned half = turn(s.direction, spread_transposed(tuning, s.end.gradient), 0.5 * tuning.step_size);
  s.direction = half.direction;
  s.work = s.work + half.energy_change;
  return {s, fma(tuning.step_size, spread(tuning, s.direction), s.end.position)};
}

Judgement<State> AdjustedMicrocanonical::judge(const Chain& chain, const State& before, const Evaluated& current,
                                               const Evaluated& reached, const Tuning& tuning) const {
  State s = before;
  Turned half = turn(s.direction, spread_transposed(tuning, reached.gradient), 0.5 * tuning.step_size);
  s.direction = half.direction;
  s.work = s.work + half.energy_change;
  s.end = reached;
  s.step = s.step + 1;
  Tensor error = s.work - (reached.log_density - current.log_density);
  Tensor sound = error < 1000.0;  // false for NaN: no use in going on
  Tensor drawn = (s.step == s.steps) | ~sound;
  Decision d = metropolis(chain, select(sound, -error, -std::numeric_limits<double>::infinity()));
  Tensor accepted = d.accepted & drawn & isfinite(reached.log_density);
  Evaluated next = select(accepted, reached, current);
  s.starting = drawn;
  return {s, next, drawn,
          stack({d.probability, tuning.step_size, next.log_density, s.step.cast(f64), error, (~sound).cast(f64),
                 accepted.cast(f64)})};
}

}  // namespace nuthatch::kernels

namespace nuthatch {

Kernel MAMS(const Model& model, const MAMSOptions& o, Where where) {
  if (!(o.trajectory_length >= 0)) throw Error("MAMS: trajectory_length must not be negative", where);
  KernelSettings s = kernels::with_adaptation("MAMS", o);
  s.any_data = true;
  s.rule = [length = o.trajectory_length, where](const LogDensity& density) {
    if (density.dim() < 2) throw Error("MAMS: a direction needs at least two unconstrained dimensions", where);
    return kernels::point_rule("MAMS", kernels::AdjustedMicrocanonical(length));
  };
  detail::check_settings(s, where);
  return Kernel(model, std::move(s));
}

}  // namespace nuthatch
