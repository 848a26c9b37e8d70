#include "inference/kernels/stretch_and_difference.h"

#include <cmath>

#include "inference/kernels/without_adaptation.h"
#include "nuthatch/index.h"
#include "nuthatch/kernels/aies.h"

namespace nuthatch::kernels {
namespace {

struct Proposals {
  Tensor positions;   // [n, dim]
  Tensor log_factor;  // [n], of the acceptance ratio
  static constexpr auto fields = names("positions", "log_factor");
};

Proposals differences(const Key& key, const Tensor& moving, const Tensor& others, double sigma) {
  auto [pairs, noise] = split<2>(key);
  const std::int64_t n = moving.size(0), dim = moving.size(1);
  auto [a, b] = random_pairs(pairs, n, others.size(0));
  Tensor g = (2.38 / std::sqrt(2.0 * double(dim))) * (1.0 + sigma * normal(noise, {n, 1}));
  return {fma(g, take(others, a) - take(others, b), moving), zeros(n)};
}

// s = (1 + (alpha - 1) u)^2 / alpha has density proportional to s^-1/2.
Proposals stretches(const Key& key, const Tensor& moving, const Tensor& others, double alpha) {
  auto [partner, length] = split<2>(key);
  const std::int64_t n = moving.size(0), dim = moving.size(1);
  Tensor a = take(others, randint(partner, {n}, 0, others.size(0)));
  Tensor s = square(fma(alpha - 1.0, uniform(length, {n}), 1.0)) / alpha;
  return {fma(expand_dims(s, 1), moving - a, a), double(dim - 1) * log(s)};
}

}  // namespace

std::vector<Statistic> StretchAndDifference::statistics() const { return {{"acceptance_rate", f64}, {"lp", f64}}; }

StretchAndDifference::State StretchAndDifference::begin(std::int64_t walkers, std::int64_t) const {
  return {full(Shape{}, Tensor(std::int64_t(0))), arange(walkers), zeros(walkers)};
}

EnsembleMove<StretchAndDifference::State> StretchAndDifference::move(const Chain& chain, const State& before,
                                                                     const Walkers& walkers,
                                                                     const Target& of_one) const {
  const std::int64_t n = walkers.positions.size(0), half = n / 2;
  Key key = fold_in(draw_key(chain.key, chain.draw, Purpose::leaf), before.half);
  auto [k_kind, k_move, k_accept] = split<3>(key);
  State s = before;
  if (settings_.randomize_split)
    s.order = select(before.half == 0, random_order(draw_key(chain.key, chain.draw, Purpose::doubling), n), before.order);

  // Rows of the walkers by their place in the order: those that move first, then the others.
  Tensor place = select(before.half == 0, s.order, (s.order + half) % n);
  Tensor rows = zeros(n, i64).at(place).set(arange(n));
  Tensor moving_rows = rows[slice(0, half)];
  Tensor moving = take(walkers.positions, moving_rows), others = take(walkers.positions, rows[slice(half, n)]);
  const double p = settings_.difference_probability;
  auto by_difference = [&] { return differences(k_move, moving, others, settings_.sigma); };
  auto by_stretch = [&] { return stretches(k_move, moving, others, settings_.alpha); };
  Proposals proposals = p >= 1   ? by_difference()
                        : p <= 0 ? by_stretch()
                                 : cond(uniform(k_kind) < p, by_difference, by_stretch);
  Walkers reached = evaluate_all(of_one, proposals.positions, false);

  Tensor log_ratio = reached.log_densities - take(walkers.log_densities, moving_rows) + proposals.log_factor;
  Tensor probability = select(isnan(log_ratio), 0.0, exp(minimum(0.0, log_ratio)));
  Tensor accepted = uniform(k_accept, {half}) < probability;
  auto updated = [&](const Tensor& all, const Tensor& fresh, const Tensor& yes) {
    return all.at(moving_rows).set(select(yes, fresh, take(all, moving_rows)));
  };
  Walkers next{updated(walkers.positions, reached.positions, expand_dims(accepted, 1)),
               updated(walkers.log_densities, reached.log_densities, accepted), walkers.gradients};
  s.acceptance = before.acceptance.at(moving_rows).set(probability);
  s.half = 1 - before.half;
  return {s, next, before.half == 1, stack({s.acceptance, next.log_densities}, 1)};
}

}  // namespace nuthatch::kernels

namespace nuthatch {

Kernel AIES(const Model& model, const AIESOptions& o, Where where) {
  if (!(o.differential_evolution >= 0 && o.stretch >= 0 && o.differential_evolution + o.stretch > 0))
    throw Error("AIES: the weights differential_evolution and stretch must not be negative, and one must be positive",
                where);
  if (!(o.sigma >= 0)) throw Error("AIES: sigma must not be negative", where);
  if (!(o.stretch_scale > 1)) throw Error("AIES: stretch_scale must be greater than 1", where);
  kernels::require_distinct_starts("AIES", o.init, where);
  KernelSettings s = kernels::without_adaptation("AIES", o.init);
  const kernels::StretchAndDifference::Settings settings{
      o.differential_evolution / (o.differential_evolution + o.stretch), o.sigma, o.stretch_scale, o.randomize_split};
  s.ensemble_rule = [settings, where](const LogDensity& density, std::int64_t chains) {
    kernels::require_spanning_walkers("AIES", chains, density.dim(), where);
    return kernels::ensemble_rule("AIES", kernels::StretchAndDifference(settings), chains, density.dim());
  };
  return Kernel(model, std::move(s));
}

}  // namespace nuthatch
