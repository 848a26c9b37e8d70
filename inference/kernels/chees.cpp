#include "inference/kernels/chees.h"

#include <cmath>
#include <limits>

#include "inference/kernels/without_adaptation.h"
#include "nuthatch/kernels/chees_hmc.h"

namespace nuthatch::kernels {
namespace {

using State = Chees::State;

Tensor integer(std::int64_t x) { return full(Shape{}, Tensor(x)); }
Tensor number(double x) { return full(Shape{}, Tensor(x)); }
Tensor column(const Tensor& x) { return expand_dims(x, 1); }

/// Element n of the van der Corput sequence in base 2, on (0, 1): the bits of n + 1 mirrored at the point.
Tensor van_der_corput(const Tensor& n) {
  Tensor bits = n + 1, value = number(0);
  for (int k = 1; k <= 24; ++k) {
    value = value + (bits & 1).cast(f64) * (1.0 / double(std::int64_t(1) << k));
    bits = bits >> 1;
  }
  return value;
}

/// Hoffman & Gelman's dual averaging.
Chees::StepSize dual_averaging(const Chees::StepSize& before, const Tensor& error) {
  Chees::StepSize s = before;
  s.updates = s.updates + 1.0;
  Tensor eta = 1.0 / (s.updates + 10.0);
  s.mean_error = (1.0 - eta) * s.mean_error + eta * error;
  Tensor log_step = s.log_target - (sqrt(s.updates) / 0.05) * s.mean_error;
  Tensor weight = exp(-0.75 * log(s.updates));
  s.log_average = weight * log_step + (1.0 - weight) * s.log_average;
  s.current = exp(log_step);
  return s;
}

}  // namespace

std::vector<Statistic> Chees::statistics() const {
  return {{"acceptance_rate", f64}, {"step_size", f64}, {"energy", f64},    {"lp", f64},
          {"n_steps", i64},         {"diverging", bool_}, {"trajectory_length", f64}};
}

State Chees::begin(std::int64_t walkers, std::int64_t dim) const {
  const Tensor none = zeros({walkers, dim}), zero = number(0), step = number(settings_.step_size);
  return {{none, zeros(walkers), none}, none, zeros(walkers), integer(0), integer(0), zero,
          {log(10.0 * step), zero, zero, zero, step},
          {log(step), log(step), zero},
          zeros(dim), ones(dim)};
}

State Chees::begin_trajectories(const Chain& chain, const State& before, const Walkers& walkers) const {
  State s = before;
  s.moving = walkers;
  s.momenta = normal(draw_key(chain.key, chain.draw, Purpose::momentum), walkers.positions.shape());
  s.energies = 0.5 * sum(square(s.momenta), 1) - walkers.log_densities;
  s.time = exp(s.length.log_length) * van_der_corput(chain.draw);
  Tensor wanted = ceil(s.time / s.step_size.current).cast(i64);
  s.steps = clamp(wanted, 1, settings_.max_leapfrogs);
  s.step = integer(0);
  return s;
}

EnsembleMove<State> Chees::move(const Chain& chain, const State& before, const Walkers& walkers,
                                const Target& of_one) const {
  State s = update_if(before.step == before.steps, before,
                      [&](const State& x) { return begin_trajectories(chain, x, walkers); });
  const Tensor scale = sqrt(s.variance), eps = s.step_size.current;
  Tensor middle = fma(0.5 * eps, scale * s.moving.gradients, s.momenta);
  s.moving = evaluate_all(of_one, fma(eps * scale, middle, s.moving.positions), true);
  s.momenta = fma(0.5 * eps, scale * s.moving.gradients, middle);
  s.step = s.step + 1;

  Tensor energies = 0.5 * sum(square(s.momenta), 1) - s.moving.log_densities, delta = energies - s.energies;
  Tensor sound = (delta < 1000.0) & (delta > -std::numeric_limits<double>::infinity());  // false for NaN
  Tensor probability = select(sound & (delta > -1e300), exp(minimum(0.0, -delta)), 0.0);
  Tensor uniforms = uniform(draw_key(chain.key, chain.draw, Purpose::leaf), {walkers.positions.size(0)});
  Tensor accepted = uniforms < probability, drawn = s.step == s.steps;
  Tensor moved = accepted & drawn;
  Walkers next{select(column(moved), s.moving.positions, walkers.positions),
               select(moved, s.moving.log_densities, walkers.log_densities),
               select(column(moved), s.moving.gradients, walkers.gradients)};
  const std::int64_t n = walkers.positions.size(0);
  Tensor stats = stack({probability, full(n, eps), select(accepted, energies, s.energies), next.log_densities,
                        full(n, s.steps.cast(f64)), (~sound).cast(f64), full(n, s.time)},
                       1);
  s = update_if(drawn & (chain.draw < chain.num_warmup), s,
                [&](const State& x) { return learn(chain, x, walkers, next, probability); });
  return {s, next, drawn, stats};
}

State Chees::learn(const Chain& chain, const State& before, const Walkers& from, const Walkers& after,
                   const Tensor& probability) const {
  State s = before;
  const double n = double(from.positions.size(0));
  const Tensor scale = sqrt(s.variance), draw = chain.draw.cast(f64);
  // d ChEES / d log L of each chain, with |x|^2 where variances are one; dx'/dt is the momentum.
  auto centred = [&](const Tensor& x) { return (x - mean(x, 0)) / scale; };
  Tensor usable = probability > 0.0;
  Tensor proposals = select(column(usable), s.moving.positions, from.positions);
  Tensor x = centred(from.positions), y = centred(proposals);
  Tensor momenta = select(column(usable), s.momenta, 0.0);
  Tensor gradients = (sum(square(y), 1) - sum(square(x), 1)) * sum(y * momenta, 1);
  Tensor weight = sum(probability);
  Tensor gradient = select(weight > 0.0, s.time * sum(probability * gradients) / maximum(weight, 1e-12), 0.0);
  gradient = select(isfinite(gradient), gradient, 0.0);
  Length& length = s.length;
  length.square = 0.95 * length.square + 0.05 * square(gradient);
  Tensor corrected = length.square / (1.0 - exp((draw + 1.0) * std::log(0.95)));
  Tensor step = settings_.learning_rate * gradient / (sqrt(corrected) + 1e-8);
  Tensor longest = log(s.step_size.current * double(settings_.max_leapfrogs));
  length.log_length = minimum(length.log_length + clamp(step, -0.35, 0.35), longest);
  Tensor share = rsqrt(draw + 1.0);
  length.log_average = (1.0 - share) * length.log_average + share * length.log_length;

  Tensor harmonic = n / sum(1.0 / maximum(probability, 1e-10));
  s.step_size = dual_averaging(s.step_size, settings_.target_accept_prob - harmonic);

  // The newest draws weigh 1 / ceil(1 + t / 8): the beginning is forgotten.
  Tensor eta = 1.0 / ceil(1.0 + draw / 8.0);
  Tensor center = mean(after.positions, 0);
  s.mean = (1.0 - eta) * s.mean + eta * center;
  Tensor spread = mean(square(after.positions - s.mean), 0);
  s.variance = maximum((1.0 - eta) * s.variance + eta * spread, 1e-20);

  Tensor last = chain.draw == chain.num_warmup - 1;
  s.step_size.current = select(last, exp(s.step_size.log_average), s.step_size.current);
  length.log_length = select(last, length.log_average, length.log_length);
  return s;
}

}  // namespace nuthatch::kernels

namespace nuthatch {

Kernel ChEESHMC(const Model& model, const ChEESHMCOptions& o, Where where) {
  KernelSettings s = kernels::without_adaptation("ChEESHMC", o.init);
  s.step_size = o.step_size;
  s.target_accept_prob = o.target_accept_prob;
  detail::check_settings(s, where);
  if (!(o.learning_rate > 0)) throw Error("ChEESHMC: learning_rate must be positive", where);
  if (o.max_leapfrogs < 1) throw Error("ChEESHMC: max_leapfrogs must be at least 1", where);
  const kernels::Chees::Settings settings{o.step_size, o.target_accept_prob, o.learning_rate, o.max_leapfrogs};
  s.ensemble_rule = [settings, where](const LogDensity& density, std::int64_t chains) {
    if (chains < 4)
      throw Error("ChEESHMC: it learns from all chains together; num_chains must be at least 4, not " +
                      std::to_string(chains),
                  where);
    return kernels::ensemble_rule("ChEESHMC", kernels::Chees(settings), chains, density.dim());
  };
  return Kernel(model, std::move(s));
}

}  // namespace nuthatch
