#include "inference/kernels/mixed_hmc.h"

#include <limits>

#include "inference/kernels/with_adaptation.h"
#include "nuthatch/array.h"
#include "nuthatch/index.h"
#include "nuthatch/kernels/mixed_hmc.h"
#include "nuthatch/kernels/tick_rule.h"
#include "nuthatch/math.h"

namespace nuthatch::kernels {
namespace {

using State = MixedHmc::State;

constexpr double minus_infinity = -std::numeric_limits<double>::infinity();
constexpr std::int64_t longest_stretch = 1 << 20;  // leapfrogs; a vanishing step size must not run for ever

Tensor scalar(double x) { return full(Shape{}, Tensor(x)); }
Tensor integer(std::int64_t x) { return full(Shape{}, Tensor(x)); }
Tensor boolean(bool x) { return full(Shape{}, Tensor(x)); }
Tensor number_or_never(const Tensor& log_density) {
  return select(isnan(never_infinite(log_density)), minus_infinity, log_density);
}

/// The target over the continuous coordinates.
Target given(const Target& target, std::int64_t size, const Tensor& discrete) {
  const auto whole = [discrete](const Tensor& x) { return concat({x, discrete}); };
  return {size,
          [=, &target](const Tensor& x) {
            auto [value, gradient] = target.value_and_grad(whole(x));
            return std::pair(value, gradient[slice(0, size)]);
          },
          [=, &target](const Tensor& x) { return target.log_density(whole(x)); }};
}

}  // namespace

MixedHmc::MixedHmc(double trajectory_length, std::int64_t num_updates, DiscreteNumbers n)
    : trajectory_length_(trajectory_length),
      num_updates_(num_updates > 0 ? num_updates : std::int64_t(n.lowest.size())), lowest_(n.lowest), counts_(n.counts) {}

std::vector<Statistic> MixedHmc::statistics() const {
  return {{"acceptance_rate", f64}, {"step_size", f64},   {"energy", f64},     {"lp", f64},
          {"n_steps", i64},         {"diverging", bool_}, {"accepted", bool_}, {"discrete_moves", i64}};
}

// A dense metric: the leading block of a Cholesky factor is the factor of the leading block.
Tuning MixedHmc::continuous_tuning(const Tuning& t, std::int64_t size) const {
  const Slice leading = slice(0, size);
  if (t.inverse_mass.ndim() == 1) return {t.step_size, t.inverse_mass[leading], t.momentum_scale[leading]};
  return {t.step_size, t.inverse_mass(leading, leading), t.momentum_scale(leading, leading)};
}

State MixedHmc::init(const Chain&, const Start& start, const Target& target) const {
  const std::int64_t size = target.dim - numbers();
  State s;
  s.output = {start.position, zeros(target.dim), zeros(std::int64_t(statistics().size())), boolean(false), boolean(false)};
  s.point = {start.position[slice(0, size)], zeros(size), zeros(size)};
  s.discrete = start.position[slice(size, target.dim)];
  s.kinetic = zeros(numbers());
  s.gradient = zeros(size);
  s.log_density = s.stretch_energy = s.error = s.uniform = scalar(0);
  s.step = s.num_steps = s.updates = s.moves = integer(0);
  s.starting = boolean(true);
  s.normals = no_normals(size);
  s.search = begin_search(start);
  return s;
}

State MixedHmc::at_rest(const State& finished) const {
  State s = finished;
  s.output.drawn = boolean(false);
  s.normals = no_normals(s.gradient.size());
  return s;
}

State MixedHmc::begin(const Chain& chain, const State& before, const Tuning& tuning) const {
  const std::int64_t size = before.gradient.size(), dim = before.output.position.size();
  State s = before;
  Tensor r = momentum(tuning, s.normals.values);
  s.point = {s.output.position[slice(0, size)], r, s.gradient};
  s.discrete = s.output.position[slice(size, dim)];
  s.kinetic = -log1p(-nuthatch::uniform(draw_key(chain.key, chain.draw, Purpose::doubling), {numbers()}));
  s.output.gradient = concat({s.gradient, zeros(numbers())});
  s.stretch_energy = fma(0.5, kinetic_product(tuning, r), -s.log_density);
  s.error = scalar(0);
  s.uniform = uniform_from_word(draw_key(chain.key, chain.draw, Purpose::leaf).tensor()[0]);
  s.step = s.updates = s.moves = integer(0);
  const double stretch = trajectory_length_ / double(num_updates_ + 1);
  s.num_steps = clamp(ceil(stretch / tuning.step_size).cast(i64), 1, longest_stretch);
  s.starting = boolean(false);
  return s;
}

/// Symmetric: uniform among the other values, or a step of random length to either side.
Tensor MixedHmc::proposal(const Key& key, const Tensor& value, const Tensor& lowest, const Tensor& count) const {
  Tensor u = nuthatch::uniform(key, {2});
  Tensor others = maximum(count - 1.0, 1.0), ahead = 1.0 + minimum(floor(u[0] * others), others - 1.0);
  Tensor place = value - lowest + ahead;
  Tensor around = lowest + select(place >= count, place - count, place);
  Tensor distance = minimum(floor(1.0 / maximum(u[0], 1e-9)), 1e9);
  Tensor away = value + select(u[1] < 0.5, distance, -distance);
  return select(count == 1.0, value, select(count > 0.0, around, away));
}

State MixedHmc::update(const Chain& chain, const State& before, const Leapfrog& reached, const Tuning& tuning,
                       const Target& target) const {
  const std::int64_t size = before.gradient.size();
  auto [k_which, k_value] = split<2>(fold_in(draw_key(chain.key, chain.draw, Purpose::update), before.updates));
  Tensor here = arange(numbers()) == randint(k_which, {}, 0, numbers());
  auto at_here = [&](const Tensor& x) { return sum(select(here, x, 0.0)); };
  State s = before;
  Tensor value = proposal(k_value, at_here(before.discrete), at_here(lowest_), at_here(counts_));
  Tensor proposed = select(here, value, before.discrete);
  auto [log_density, gradient] = given(target, size, proposed).value_and_grad(reached.end.z);
  Tensor increase = reached.log_density - number_or_never(log_density);
  Tensor taken = (at_here(before.kinetic) > increase) & all_of(isfinite(gradient), 0);
  s.discrete = select(taken, proposed, before.discrete);
  s.kinetic = select(here & taken, before.kinetic - increase, before.kinetic);
  s.point.g = select(taken, gradient, reached.end.g);
  s.stretch_energy = fma(0.5, kinetic_product(tuning, reached.end.r),
                         -select(taken, log_density, reached.log_density));
  s.moves = before.moves + taken.cast(i64);
  s.updates = before.updates + 1;
  return s;
}

/// Metropolis' decision at the end of a trajectory.
State MixedHmc::end_draw(const State& before, const Leapfrog& reached, const Tuning& tuning) const {
  State s = before;
  Tensor sound = (s.error < 1000.0) & (s.error > minus_infinity);
  Tensor probability = select(sound, minimum(1.0, exp(-s.error)), 0.0);
  Tensor accepted = s.uniform < probability;
  s.output.position = select(accepted, concat({reached.end.z, s.discrete}), s.output.position);
  s.gradient = select(accepted, reached.end.g, s.gradient);
  s.log_density = select(accepted, reached.log_density, s.log_density);
  Tensor leapfrogs = s.num_steps * (num_updates_ + 1);
  s.output.stats = stack({probability, tuning.step_size, reached.energy, s.log_density, leapfrogs.cast(f64),
                          (~sound).cast(f64), accepted.cast(f64), s.moves.cast(f64)});
  s.output.drawn = boolean(true);
  s.starting = boolean(true);
  return s;
}

State MixedHmc::end_stretch(const Chain& chain, const State& before, const Leapfrog& reached, const Tuning& tuning,
                            const Target& target) const {
  State s = before;
  s.error = before.error + (reached.energy - before.stretch_energy);
  s.step = integer(0);
  Tensor last = s.updates >= num_updates_;
  s = update_if(~last, s, [&](const State& x) { return update(chain, x, reached, tuning, target); });
  return update_if(last, s, [&](const State& x) { return end_draw(x, reached, tuning); });
}

State MixedHmc::tick(const Chain& chain, const State& before, const Tuning& whole, const Target& target) const {
  const std::int64_t size = before.gradient.size();
  const Tuning tuning = continuous_tuning(whole, size);
  State s = before;
  s.output.drawn = boolean(false);
  Tensor searching = s.search.active & chain.live, starting = s.starting & chain.live & ~searching;
  s.normals = refill(chain, s.normals, starting);
  s = update_if(starting, s, [&](const State& x) { return begin(chain, x, tuning); });
  s.point = update_if(searching, s.point, [&](const Point& p) {
    return Point{s.output.position[slice(0, size)], zeros(p.r.shape()), zeros(p.g.shape())};
  });
  Tensor moving = chain.live & ~searching;
  const Target continuous = given(target, size, s.discrete);
  Leapfrog reached = leapfrog(tuning, continuous, s.point, select(moving, tuning.step_size, 0.0));
  s.point = reached.end;
  s.step = s.step + moving.cast(i64);
  s = update_if(moving & (s.step >= s.num_steps), s, [&](const State& x) {
    return end_stretch(chain, x, reached, tuning, target);
  });
  return update_if(searching, s, [&](const State& x) {
    State next = x;
    Tensor good = acceptable_start(reached.log_density, reached.end.g);
    next.gradient = reached.end.g;
    next.log_density = reached.log_density;
    next.search.active = ~good;
    next.search.attempt = x.search.attempt + (~good).cast(i64);
    next.output.failed = ~good & (next.search.attempt >= next.search.max_attempts);
    Tensor candidate = starting_candidate(chain.key, next.search.attempt, size, next.search.radius);
    next.output.position = select(good, x.output.position, concat({candidate, x.discrete}));
    return next;
  });
}

}  // namespace nuthatch::kernels

namespace nuthatch {

Kernel MixedHMC(const Model& model, const MixedHMCOptions& o, Where where) {
  if (!(o.trajectory_length > 0)) throw Error("MixedHMC: trajectory_length must be positive", where);
  if (o.num_discrete_updates < 0) throw Error("MixedHMC: num_discrete_updates must not be negative", where);
  KernelSettings s = kernels::with_adaptation("MixedHMC", o);
  detail::check_settings(s, where);
  s.latents = Latents::any;
  s.rule = [length = o.trajectory_length, updates = o.num_discrete_updates, where](
               const LogDensity& density) -> Shared<const detail::KernelRule> {
    if (density.continuous_dim() == density.dim())
      throw Error("MixedHMC: the model has no discrete latent site; use HMC or NUTS", where);
    if (density.continuous_dim() == 0)
      throw Error("MixedHMC: the model has no continuous latent site; use Compound", where);
    kernels::DiscreteNumbers numbers;
    for (const LatentSite& site : density.sites())
      for (std::int64_t i = 0; site.discrete && i < site.size; ++i) {
        numbers.lowest.push_back(double(site.lowest));
        numbers.counts.push_back(double(site.num_values));
      }
    return share<kernels::TickRule<kernels::MixedHmc>>("MixedHMC",
                                                                  kernels::MixedHmc(length, updates, std::move(numbers)));
  };
  return Kernel(model, std::move(s));
}

}  // namespace nuthatch
