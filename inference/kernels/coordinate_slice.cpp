#include "inference/kernels/coordinate_slice.h"

#include "inference/kernels/without_adaptation.h"
#include "nuthatch/index.h"
#include "nuthatch/kernels/slice_sampler.h"

namespace nuthatch::kernels {
namespace {

using State = CoordinateSlice::State;

constexpr std::int64_t step_left = 0, step_right = 1, inside = 2;

Tensor integer(std::int64_t x) { return full(Shape{}, Tensor(x)); }

Tensor at(const Tensor& x, const Tensor& coordinate) { return take(x, coordinate); }
Tensor with(const Tensor& x, const Tensor& coordinate, const Tensor& value) {
  return select(arange(x.size()) == coordinate, value, x);
}
/// Uniform numbers for one purpose of this draw.
Tensor uniforms(const Chain& chain, Purpose purpose, const Tensor& number, const Shape& shape) {
  return uniform(fold_in(draw_key(chain.key, chain.draw, purpose), number), shape);
}

/// A slice level under the current point, and an interval of the learned width around it.
State new_interval(const Chain& chain, const State& before, const Evaluated& current, std::int64_t max_steps_out) {
  State s = before;
  Tensor u = uniforms(chain, Purpose::doubling, s.coordinate, {3});
  Tensor width = at(s.width, s.coordinate);
  s.level = current.log_density + log1p(-u[0]);
  s.left = fma(-width, u[1], at(current.position, s.coordinate));
  s.right = s.left + width;
  s.steps_left = (u[2] * double(max_steps_out)).cast(i64);
  s.steps_right = (max_steps_out - 1) - s.steps_left;
  s.phase = integer(step_left);
  s.fresh = full(Shape{}, Tensor(false));
  return s;
}

/// The number that the coordinate has at the point to be evaluated.
Tensor candidate(const Chain& chain, const State& s) {
  Tensor u = uniforms(chain, Purpose::leaf, s.evaluations, {});
  Tensor between = fma(u, s.right - s.left, s.left);
  return select(s.phase == step_left, s.left, select(s.phase == step_right, s.right, between));
}

}  // namespace

std::vector<Statistic> CoordinateSlice::statistics() const {
  return {{"acceptance_rate", f64}, {"lp", f64}, {"n_steps", i64}};
}

State CoordinateSlice::begin(std::int64_t dim) const {
  const Tensor zero = full(Shape{}, Tensor(0.0));
  return {full(dim, Tensor(width_)), integer(0), integer(0), full(Shape{}, Tensor(true)), zero, zero, zero,
          integer(0), integer(0), integer(0)};
}

std::pair<State, Tensor> CoordinateSlice::propose(const Chain& chain, const State& before, const Evaluated& current,
                                                  const Tuning&) const {
  State s = update_if(before.fresh & chain.live, before,
                      [&](const State& x) { return new_interval(chain, x, current, max_steps_out_); });
  return {s, with(current.position, s.coordinate, candidate(chain, s))};
}

Judgement<State> CoordinateSlice::judge(const Chain& chain, const State& before, const Evaluated& current,
                                        const Evaluated& reached, const Tuning&) const {
  State s = before;
  Tensor value = at(reached.position, s.coordinate), origin = at(current.position, s.coordinate);
  Tensor width = at(s.width, s.coordinate), above = reached.log_density > s.level;
  s.evaluations = s.evaluations + 1;

  Tensor goes_left = (before.phase == step_left) & above & (s.steps_left > 0);
  Tensor goes_right = (before.phase == step_right) & above & (s.steps_right > 0);
  s.left = select(goes_left, s.left - width, s.left);
  s.right = select(goes_right, s.right + width, s.right);
  s.steps_left = s.steps_left - goes_left.cast(i64);
  s.steps_right = s.steps_right - goes_right.cast(i64);
  s.phase = s.phase + ((before.phase < inside) & ~goes_left & ~goes_right).cast(i64);

  // An interval that has shrunk to the point itself ends at it.
  Tensor found = (before.phase == inside) & (above | (value == origin));
  Tensor shrinks = (before.phase == inside) & ~found;
  s.left = select(shrinks & (value < origin), value, s.left);
  s.right = select(shrinks & (value > origin), value, s.right);
  Evaluated next = select(found & above, reached, current);

  Tensor learned = width + (s.right - s.left - width) / (chain.draw + 1).cast(f64);
  s.width = with(s.width, s.coordinate, select(found & (chain.draw < chain.num_warmup), learned, width));
  Tensor drawn = found & (s.coordinate == current.position.size() - 1);
  Tensor stats = stack({Tensor(1.0), next.log_density, s.evaluations.cast(f64)});
  s.coordinate = select(drawn, 0, s.coordinate + found.cast(i64));
  s.evaluations = select(drawn, 0, s.evaluations);
  s.fresh = found;
  return {s, next, drawn, stats};
}

}  // namespace nuthatch::kernels

namespace nuthatch {

Kernel SliceSampler(const Model& model, const SliceSamplerOptions& o, Where where) {
  if (!(o.width > 0)) throw Error("SliceSampler: width must be positive, not " + std::to_string(o.width), where);
  if (o.max_steps_out < 1) throw Error("SliceSampler: max_steps_out must be at least 1", where);
  KernelSettings s = kernels::without_adaptation("SliceSampler", o.init);
  s.any_data = true;
  s.rule = [width = o.width, steps = o.max_steps_out](const LogDensity&) {
    return kernels::point_rule("SliceSampler", kernels::CoordinateSlice(width, steps));
  };
  return Kernel(model, std::move(s));
}

}  // namespace nuthatch
