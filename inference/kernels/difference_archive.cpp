#include "inference/kernels/difference_archive.h"

#include "nuthatch/index.h"
#include "nuthatch/kernels/de_metropolis_z.h"

namespace nuthatch::kernels {
namespace {

using State = DifferenceArchive::State;

constexpr std::int64_t thinning = 10;  // neighbouring draws are too alike to be worth a place

Tensor integer(std::int64_t x) { return full(Shape{}, Tensor(x)); }

}  // namespace

std::vector<Statistic> DifferenceArchive::statistics() const {
  return {{"acceptance_rate", f64}, {"step_size", f64}, {"lp", f64}, {"accepted", bool_}};
}

State DifferenceArchive::begin(std::int64_t dim) const {
  const std::int64_t n = capacity_ > 0 ? capacity_ : 100 + 10 * dim;
  return {zeros({n, dim}), integer(0)};
}

std::pair<State, Tensor> DifferenceArchive::propose(const Chain& chain, const State& before, const Evaluated& current,
                                                    const Tuning& tuning) const {
  const std::int64_t n = before.archive.size(0), dim = before.archive.size(1);
  // Twice as many points as dimensions span the space until there are draws.
  State s = update_if(before.size == 0, before, [&](const State&) {
    const std::int64_t first = std::min(n, 2 * dim + 2);
    Key key = draw_key(chain.key, Tensor(search_draw), Purpose::leaf);
    Tensor around = current.position + uniform(key, {n, dim}, -1.0, 1.0);
    return State{around, integer(first)};
  });
  Key key = draw_key(chain.key, chain.draw, Purpose::doubling);
  auto [first, second] = split<2>(key);
  Tensor a = randint(first, {}, 0, s.size), other = randint(second, {}, 0, s.size - 1);
  Tensor b = other + (other >= a).cast(i64);
  Tensor noise = normal(draw_key(chain.key, chain.draw, Purpose::momentum), {dim});
  Tensor step = fma(tuning.step_size, take(s.archive, a) - take(s.archive, b), noise_ * noise);
  return {s, current.position + step};
}

Judgement<State> DifferenceArchive::judge(const Chain& chain, const State& before, const Evaluated& current,
                                          const Evaluated& reached, const Tuning& tuning) const {
  Decision d = metropolis(chain, reached.log_density - current.log_density);
  Evaluated next = select(d.accepted, reached, current);
  const std::int64_t n = before.archive.size(0), initial = std::min(n, 2 * before.archive.size(1) + 2);
  Tensor kept = (chain.draw < chain.num_warmup) & (chain.draw % thinning == thinning - 1);
  State s = update_if(kept, before, [&](const State& x) {
    Tensor row = (chain.draw / thinning + initial) % n;
    return State{select(expand_dims(arange(n) == row, 1), next.position, x.archive), minimum(x.size + 1, n)};
  });
  return {s, next, full(Shape{}, Tensor(true)),
          stack({d.probability, tuning.step_size, next.log_density, d.accepted.cast(f64)})};
}

}  // namespace nuthatch::kernels

namespace nuthatch {

Kernel DEMetropolisZ(const Model& model, const DEMetropolisZOptions& o, Where where) {
  if (!(o.lambda >= 0)) throw Error("DEMetropolisZ: lambda must not be negative", where);
  if (!(o.scaling > 0)) throw Error("DEMetropolisZ: scaling must be positive", where);
  if (o.archive_size < 0 || o.archive_size == 1)
    throw Error("DEMetropolisZ: archive_size must be at least 2, or 0 for automatic", where);
  KernelSettings s;
  s.name = "DEMetropolisZ";
  s.rule = [size = o.archive_size, noise = o.scaling, where](const LogDensity& density) {
    if (size > 0 && size < 2 * density.dim() + 2)
      throw Error("DEMetropolisZ: archive_size is " + std::to_string(size) + "; " + std::to_string(density.dim()) +
                      " unconstrained dimensions need at least " + std::to_string(2 * density.dim() + 2),
                  where);
    return kernels::point_rule("DEMetropolisZ", kernels::DifferenceArchive(size, noise));
  };
  s.adapt_mass_matrix = false;
  s.adapt_step_size = o.tune_lambda;
  s.noisy_acceptance = true;
  s.step_size = o.lambda > 0 ? o.lambda : 1.0;
  s.step_size_by_dimension = o.lambda == 0;
  s.target_accept_prob = o.target_accept_prob;
  s.init = o.init;
  detail::check_settings(s, where);
  return Kernel(model, std::move(s));
}

}  // namespace nuthatch
