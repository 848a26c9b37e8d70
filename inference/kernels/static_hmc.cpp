#include "inference/kernels/static_hmc.h"

#include <limits>

#include "nuthatch/array.h"
#include "nuthatch/math.h"

namespace nuthatch::kernels {
namespace {

using State = StaticHmc::State;

Tensor scalar(double x) { return full(Shape{}, Tensor(x)); }
Tensor integer(std::int64_t x) { return full(Shape{}, Tensor(x)); }
Tensor boolean(bool x) { return full(Shape{}, Tensor(x)); }
constexpr std::int64_t longest_trajectory = 1 << 20;  // leapfrogs; a vanishing step size must not run for ever

/// Metropolis' decision at the end of a trajectory.
State end_draw(const State& before, const Leapfrog& reached, const Tuning& tuning) {
  State s = before;
  Tensor delta = reached.energy - s.initial_energy;
  Tensor sound = (delta < 1000.0) & (delta > -std::numeric_limits<double>::infinity());
  Tensor probability = select(sound, minimum(1.0, exp(-delta)), 0.0);
  Tensor accepted = s.uniform < probability;
  s.output.position = select(accepted, reached.end.z, s.output.position);
  s.gradient = select(accepted, reached.end.g, s.gradient);
  s.log_density = select(accepted, reached.log_density, s.log_density);
  Tensor energy = select(accepted, reached.energy, s.initial_energy);
  s.output.stats = stack({probability, tuning.step_size, energy, s.log_density, s.num_steps.cast(f64),
                          (~sound).cast(f64), accepted.cast(f64)});
  s.output.drawn = boolean(true);
  s.starting = boolean(true);
  return s;
}

State judge_start(const Chain& chain, const State& before, const Leapfrog& reached) {
  State s = before;
  Tensor good = acceptable_start(reached.log_density, reached.end.g);
  s.gradient = reached.end.g;
  s.log_density = reached.log_density;
  s.search.active = ~good;
  s.starting = boolean(true);
  return update_if(~good, s, [&](const State& x) {
    State next = x;
    next.search.attempt = x.search.attempt + 1;
    next.output.failed = next.search.attempt >= next.search.max_attempts;
    next.output.position = starting_candidate(chain.key, next.search.attempt, x.output.position.size(), next.search.radius);
    return next;
  });
}

}  // namespace

std::vector<Statistic> StaticHmc::statistics() const {
  return {{"acceptance_rate", f64}, {"step_size", f64}, {"energy", f64},     {"lp", f64},
          {"n_steps", i64},         {"diverging", bool_}, {"accepted", bool_}};
}

State StaticHmc::init(const Chain&, const Start& start, const Target& target) const {
  State s;
  s.output = {start.position, zeros(target.dim), zeros(std::int64_t(statistics().size())), boolean(false), boolean(false)};
  s.point = {start.position, zeros(target.dim), zeros(target.dim)};
  s.gradient = zeros(target.dim);
  s.log_density = s.initial_energy = s.uniform = scalar(0);
  s.step = s.num_steps = integer(0);
  s.starting = boolean(true);
  s.normals = no_normals(target.dim);
  s.search = begin_search(start);
  return s;
}

State StaticHmc::retarget(const State& before, const Tensor& log_density, const Tensor& gradient) const {
  State s = before;
  s.gradient = gradient;
  s.log_density = log_density;
  return s;
}

State StaticHmc::begin(const Chain& chain, const State& before, const Tuning& tuning) const {
  State s = before;
  Tensor r = momentum(tuning, s.normals.values);
  s.point = {s.output.position, r, s.gradient};
  s.output.gradient = s.gradient;
  s.initial_energy = fma(0.5, kinetic_product(tuning, r), -s.log_density);
  s.uniform = uniform_from_word(draw_key(chain.key, chain.draw, Purpose::leaf).tensor()[0]);
  s.step = integer(0);
  s.num_steps = num_steps_ > 0 ? integer(num_steps_)
                               : clamp((trajectory_length_ / tuning.step_size).cast(i64), 1, longest_trajectory);
  s.starting = boolean(false);
  return s;
}

State StaticHmc::at_rest(const State& finished) const {
  State s = finished;
  s.output.drawn = full(Shape{}, Tensor(false));
  s.normals = no_normals(s.output.position.size());
  return s;
}

State StaticHmc::tick(const Chain& chain, const State& before, const Tuning& tuning, const Target& target) const {
  State s = before;
  s.output.drawn = boolean(false);
  Tensor searching = s.search.active & chain.live;
  Tensor starting = s.starting & chain.live & ~searching;
  s.normals = refill(chain, s.normals, starting);
  s = update_if(starting, s, [&](const State& x) { return begin(chain, x, tuning); });
  s.point = update_if(searching, s.point, [&](const Point& p) {
    return Point{s.output.position, zeros(p.r.shape()), zeros(p.g.shape())};
  });
  Tensor moving = chain.live & ~searching;
  Leapfrog reached = leapfrog(tuning, target, s.point, select(moving, tuning.step_size, 0.0));
  s.point = reached.end;
  s.step = s.step + moving.cast(i64);
  s = update_if(moving & (s.step >= s.num_steps), s, [&](const State& x) { return end_draw(x, reached, tuning); });
  return update_if(searching, s, [&](const State& x) { return judge_start(chain, x, reached); });
}

}  // namespace nuthatch::kernels
