#include "inference/smc/tempering.h"

#include <cmath>
#include <limits>

#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/detail/simulation.h"
#include "nuthatch/handlers.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "nuthatch/transform.h"

namespace nuthatch::smc {
namespace {

constexpr double minus_infinity = -std::numeric_limits<double>::infinity();

Tensor number(double x) { return full(Shape{}, Tensor(x)); }
Tensor integer(std::int64_t x) { return full(Shape{}, Tensor(x)); }
Tensor column(const Tensor& x) { return expand_dims(x, 1); }
Tensor number_or_never(const Tensor& x) { return select(isnan(x), minus_infinity, x); }

/// The key is for likelihoods that are estimated by simulation; their estimates stay with the particles, so that the
/// sequence of targets is exact in the space of particles and simulations.
Particles evaluate(const LogDensity& density, const Key& key, const Tensor& positions) {
  auto [prior, total] = vmap([&](const Tensor& z, const Key& k) {
    detail::SimulationHandler simulate(k);
    Active active(simulate);
    return std::pair(density.log_prior(z), density(z));
  })(positions, split(key, positions.size(0)));
  return {positions, number_or_never(prior), number_or_never(total - prior)};
}

/// Mean and lower Cholesky factor of the covariance of the particles.
struct NormalFit {
  Tensor mean, factor;
};
NormalFit fit_normal(const Tensor& positions) {
  const std::int64_t n = positions.size(0), dim = positions.size(1);
  Tensor center = mean(positions, 0), deviation = positions - center;
  Tensor covariance = matmul(transpose(deviation), deviation) / double(n - 1);
  Tensor floor = 1e-6 * mean(diagonal(covariance)) + 1e-12;
  return {center, cholesky(covariance + floor * eye(dim))};
}

/// One Metropolis step of every particle at inverse temperature beta.
struct Step {
  Particles particles;
  Tensor acceptance;  // mean probability
};
Step metropolis_step(const LogDensity& density, const Key& key, const Particles& now, const NormalFit& fit,
                     const Tensor& beta, const Tensor& scale, bool independent) {
  auto [k_move, k_accept] = split<2>(key);
  const Shape shape = now.positions.shape();
  Tensor normals = normal(k_move, shape), moves = matmul(normals, transpose(fit.factor));
  Tensor proposals = independent ? fit.mean + moves : fma(scale, moves, now.positions);
  Particles reached = evaluate(density, fold_in(key, 2), proposals);
  auto tempered = [&](const Particles& p) { return p.log_prior + select(beta > 0.0, beta * p.log_likelihood, 0.0); };
  Tensor ratio = tempered(reached) - tempered(now);
  if (independent) {
    Tensor standardised = transpose(triangular_solve(fit.factor, transpose(now.positions - fit.mean)));
    ratio = ratio + 0.5 * (sum(square(normals), 1) - sum(square(standardised), 1));
  }
  Tensor probability = select(isnan(ratio), 0.0, exp(minimum(0.0, ratio)));
  Tensor accepted = uniform(k_accept, {shape[0]}) < probability;
  return {{select(column(accepted), reached.positions, now.positions),
           select(accepted, reached.log_prior, now.log_prior),
           select(accepted, reached.log_likelihood, now.log_likelihood)},
          mean(probability)};
}

struct Moving {
  Particles particles;
  Tensor acceptance, step, wanted;  // sum over steps; i64, i64
  static constexpr auto fields = names("particles", "acceptance", "step", "wanted");
};

/// Metropolis steps until most particles have moved; the acceptance seen so far says how many that takes.
Moving move(const LogDensity& density, const SMCOptions& o, const Key& key, const Particles& start, const Tensor& beta,
            const Tensor& scale) {
  const NormalFit fit = fit_normal(start.positions);
  const double log_miss = std::log1p(-o.move_probability);
  return while_loop(
      Moving{start, number(0), integer(0), integer(o.min_steps)},
      [](const Moving& m) { return m.step < m.wanted; },
      [&](const Moving& m) {
        Step s = metropolis_step(density, fold_in(key, m.step), m.particles, fit, beta, scale, o.kernel == "imh");
        Tensor acceptance = m.acceptance + s.acceptance, step = m.step + 1;
        Tensor rate = clamp(acceptance / step.cast(f64), 1e-6, 1.0 - 1e-6);
        Tensor wanted = clamp(ceil(log_miss / log1p(-rate)).cast(i64), o.min_steps, o.max_steps);
        return Moving{s.particles, acceptance, step, wanted};
      });
}

Cloud stage(const LogDensity& density, const SMCOptions& o, const Key& run_key, const Cloud& before) {
  const std::int64_t n = before.particles.positions.size(0);
  auto [k_resample, k_move] = split<2>(fold_in(run_key, before.stage));
  Cloud c = before;
  c.beta = next_beta(before.beta, before.particles.log_likelihood, o.threshold * double(n));
  Tensor log_weights = (c.beta - before.beta) * before.particles.log_likelihood;
  c.log_marginal = before.log_marginal + logsumexp(log_weights) - std::log(double(n));
  Tensor index = systematic(softmax(log_weights), uniform(k_resample));
  const Particles resampled{take(before.particles.positions, index), take(before.particles.log_prior, index),
                            take(before.particles.log_likelihood, index)};
  Moving moved = move(density, o, k_move, resampled, c.beta, before.scale);
  c.particles = moved.particles;
  c.acceptance = moved.acceptance / moved.step.cast(f64);
  c.scale = before.scale * exp(c.acceptance - 0.234);
  c.stage = before.stage + 1;
  return c;
}

}  // namespace

Tensor next_beta(const Tensor& before, const Tensor& log_likelihood, double wanted) {
  auto effective = [&](const Tensor& beta) {
    Tensor w = (beta - before) * log_likelihood;
    return exp(2.0 * logsumexp(w) - logsumexp(2.0 * w));
  };
  struct Bracket {
    Tensor low, high;
  };
  Bracket last = fori_loop(0, 60, Bracket{before, number(1)}, [&](const Tensor&, const Bracket& b) {
    Tensor middle = 0.5 * (b.low + b.high), good = effective(middle) >= wanted;
    return Bracket{select(good, middle, b.low), select(good, b.high, middle)};
  });
  // The upper end is greater than `before`: a step is always made.
  return select(effective(number(1)) >= wanted, 1.0, last.high);
}

Tensor systematic(const Tensor& weights, const Tensor& u) {
  const std::int64_t n = weights.size();
  Tensor points = (arange(n).cast(f64) + u) / double(n);
  Tensor below = expand_dims(cumsum(weights), 0) < expand_dims(points, 1);
  return minimum(sum(below.cast(i64), 1), n - 1);
}

Cloud draw_prior(const LogDensity& density, const Key& key, std::int64_t particles) {
  Tensor positions = vmap([&](const Tensor& i) {
    const Trace run = trace(seed(density.model(), fold_in(key, i)));
    Values values;
    for (const LatentSite& site : density.sites()) values[site.name] = run[site.name].value;
    return density.unconstrain(values);
  })(arange(particles));
  const double dim = double(density.dim());
  return {evaluate(density, fold_in(key, particles), positions), number(0), number(0), number(2.38 / std::sqrt(dim)), number(0), integer(0)};
}

Cloud temper(const LogDensity& density, const SMCOptions& o, const Key& key, const Cloud& prior) {
  return while_loop(
      prior, [&](const Cloud& c) { return (c.beta < 1.0) & (c.stage < o.max_stages); },
      [&](const Cloud& c) { return stage(density, o, key, c); });
}

}  // namespace nuthatch::smc
