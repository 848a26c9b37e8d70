#include "inference/kernels/random_walk.h"

#include "inference/kernels/with_adaptation.h"
#include "nuthatch/kernels/random_walk_metropolis.h"

namespace nuthatch::kernels {

std::vector<Statistic> RandomWalk::statistics() const {
  return {{"acceptance_rate", f64}, {"step_size", f64}, {"lp", f64}, {"accepted", bool_}};
}

std::pair<RandomWalk::State, Tensor> RandomWalk::propose(const Chain& chain, const State&, const Evaluated& current,
                                                         const Tuning& tuning) const {
  Tensor normals = normal(draw_key(chain.key, chain.draw, Purpose::momentum), current.position.shape());
  return {State{}, fma(tuning.step_size, spread(tuning, normals), current.position)};
}

Judgement<RandomWalk::State> RandomWalk::judge(const Chain& chain, const State&, const Evaluated& current,
                                               const Evaluated& reached, const Tuning& tuning) const {
  Decision d = metropolis(chain, reached.log_density - current.log_density);
  Evaluated next = select(d.accepted, reached, current);
  return {State{}, next, full(Shape{}, Tensor(true)),
          stack({d.probability, tuning.step_size, next.log_density, d.accepted.cast(f64)})};
}

}  // namespace nuthatch::kernels

namespace nuthatch {

Kernel RandomWalkMetropolis(const Model& model, const RandomWalkMetropolisOptions& o, Where where) {
  KernelSettings s = kernels::with_adaptation("RandomWalkMetropolis", o);
  s.any_data = true;
  s.rule = [](const LogDensity&) { return kernels::point_rule("RandomWalkMetropolis", kernels::RandomWalk()); };
  if (o.target_accept_prob == 0) s.target_accept_prob = 0.234, s.target_in_one_dimension = 0.44;
  s.noisy_acceptance = true;
  detail::check_settings(s, where);
  return Kernel(model, std::move(s));
}

}  // namespace nuthatch
