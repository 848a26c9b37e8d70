#include "inference/kernels/unadjusted_microcanonical.h"

#include <cmath>
#include <limits>

#include "nuthatch/kernels/mclmc.h"

namespace nuthatch::kernels {
namespace {

using State = UnadjustedMicrocanonical::State;

Tensor number(double x) { return full(Shape{}, Tensor(x)); }

}  // namespace

std::vector<Statistic> UnadjustedMicrocanonical::statistics() const {
  return {{"acceptance_rate", f64}, {"step_size", f64}, {"lp", f64}, {"n_steps", i64}, {"energy_error", f64}};
}

State UnadjustedMicrocanonical::begin(std::int64_t dim) const {
  const double step = settings_.step_size > 0 ? settings_.step_size : 0.25 * std::sqrt(double(dim));
  return {zeros(dim), full(Shape{}, Tensor(std::int64_t(0))), number(0), number(step),
          number(std::numeric_limits<double>::infinity()), number(0), number(0), number(0)};
}

std::pair<State, Tensor> UnadjustedMicrocanonical::propose(const Chain& chain, const State& before,
                                                           const Evaluated& current, const Tuning& tuning) const {
  State s = before;
  const std::int64_t dim = current.position.size();
  s.direction = update_if((chain.draw == 0) & (s.step == 0), s.direction, [&](const Tensor&) {
    return random_direction(draw_key(chain.key, chain.draw, Purpose::doubling), dim);
  });
  Turned half = turn(s.direction, spread_transposed(tuning, current.gradient), 0.5 * s.step_size);
  s.direction = half.direction;
  s.energy_change = half.energy_change;
  return {s, fma(s.step_size, spread(tuning, s.direction), current.position)};
}

// Every step says which step size would have had the wanted error, by the sixth-power law; the estimates are averaged with
// a memory of 150 steps, and those far from the wanted error count less.
State UnadjustedMicrocanonical::tune(const State& before, const Tensor& error, const Tensor& sound) const {
  State s = before;
  constexpr double trust = 1.5, forget = 149.0 / 151.0;
  Tensor xi = square(error) / settings_.energy_variance + 1e-8;
  Tensor weight = select(sound, exp(-0.5 * square(log(xi) / (6.0 * trust))), 0.0);
  Tensor sixth = square(cube(s.step_size));
  s.largest = select(sound, s.largest, 0.8 * s.step_size);
  s.inverse_sixth = forget * s.inverse_sixth + select(sound, weight * (xi / sixth), 0.0);
  s.weight = forget * s.weight + weight;
  Tensor wanted = exp(log(s.inverse_sixth / s.weight) * (-1.0 / 6.0));
  wanted = select(isfinite(wanted), wanted, s.step_size);
  s.step_size = minimum(wanted, s.largest);
  return s;
}

Judgement<State> UnadjustedMicrocanonical::judge(const Chain& chain, const State& before, const Evaluated& current,
                                                 const Evaluated& reached, const Tuning& tuning) const {
  const std::int64_t dim = current.position.size();
  State s = before;
  Turned half = turn(s.direction, spread_transposed(tuning, reached.gradient), 0.5 * s.step_size);
  Tensor change = s.energy_change + half.energy_change - (reached.log_density - current.log_density);
  Tensor error = change / std::sqrt(double(dim));
  Tensor sound = isfinite(reached.log_density) & isfinite(sum(half.direction)) & (abs(change) < 1000.0);
  Evaluated next = select(sound, reached, current);

  // Langevin noise: the direction is a random one after length L. Where the step failed it turns round.
  const double length = settings_.decoherence_length > 0 ? settings_.decoherence_length : std::sqrt(double(dim));
  Tensor nu = sqrt(expm1((2.0 / length) * s.step_size) / double(dim));
  Key key = fold_in(draw_key(chain.key, chain.draw, Purpose::momentum), s.step);
  Tensor noisy = select(sound, half.direction, -before.direction) + nu * normal(key, {dim});
  s.direction = noisy / sqrt(sum(square(noisy)));
  s.squared_error = s.squared_error + select(sound, square(error), 0.0);
  s.step = s.step + 1;
  s = update_if(chain.draw < chain.num_warmup, s, [&](const State& x) { return tune(x, error, sound); });

  const std::int64_t steps = settings_.steps_per_draw;
  Tensor drawn = s.step == steps;
  Tensor stats = stack({sound.cast(f64), before.step_size, next.log_density, full(Shape{}, Tensor(double(steps))),
                        s.squared_error / double(steps)});
  s.step = select(drawn, 0, s.step);
  s.squared_error = select(drawn, 0.0, s.squared_error);
  return {s, next, drawn, stats};
}

}  // namespace nuthatch::kernels

namespace nuthatch {

Kernel MCLMC(const Model& model, const MCLMCOptions& o, Where where) {
  const auto require = [&](bool good, const char* what) {
    if (!good) throw Error(std::string("MCLMC: ") + what, where);
  };
  require(o.desired_energy_variance > 0, "desired_energy_variance must be positive");
  require(o.decoherence_length >= 0, "decoherence_length must not be negative");
  require(o.step_size >= 0, "step_size must not be negative");
  require(o.steps_per_draw >= 1, "steps_per_draw must be at least 1");
  KernelSettings s;
  s.name = "MCLMC";
  s.any_data = true;
  const kernels::UnadjustedMicrocanonical::Settings settings{o.desired_energy_variance, o.decoherence_length, o.step_size,
                                                             o.steps_per_draw};
  s.rule = [settings, where](const LogDensity& density) {
    if (density.dim() < 2) throw Error("MCLMC: a direction needs at least two unconstrained dimensions", where);
    return kernels::point_rule("MCLMC", kernels::UnadjustedMicrocanonical(settings));
  };
  s.adapt_step_size = false;
  s.adapt_mass_matrix = o.adapt_mass_matrix;
  s.metric = o.metric;
  s.init = o.init;
  return Kernel(model, std::move(s));
}

}  // namespace nuthatch
