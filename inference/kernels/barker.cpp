#include "inference/kernels/barker.h"

#include "inference/kernels/with_adaptation.h"
#include "nuthatch/kernels/barker_mh.h"

namespace nuthatch::kernels {

std::vector<Statistic> Barker::statistics() const {
  return {{"acceptance_rate", f64}, {"step_size", f64}, {"lp", f64}, {"accepted", bool_}};
}

std::pair<Barker::State, Tensor> Barker::propose(const Chain& chain, const State&, const Evaluated& current,
                                                 const Tuning& tuning) const {
  const Shape shape = current.position.shape();
  Tensor noise = tuning.step_size * normal(draw_key(chain.key, chain.draw, Purpose::momentum), shape);
  Tensor keep = uniform(draw_key(chain.key, chain.draw, Purpose::doubling), shape) <
                sigmoid(noise * spread_transposed(tuning, current.gradient));
  Tensor move = nuthatch::select(keep, noise, -noise);
  return {State{move}, current.position + spread(tuning, move)};
}

// q(x, x') is proportional to prod_i mu(w_i) sigmoid(w_i c_i(x)) with w the move and c = S^T grad log p; the way back has
// -w. log sigmoid(t) = -softplus(-t).
Judgement<Barker::State> Barker::judge(const Chain& chain, const State& s, const Evaluated& current,
                                       const Evaluated& reached, const Tuning& tuning) const {
  Tensor there = softplus(-(s.move * spread_transposed(tuning, current.gradient)));
  Tensor back = softplus(s.move * spread_transposed(tuning, reached.gradient));
  Decision d = metropolis(chain, reached.log_density - current.log_density + sum(there - back));
  Evaluated next = select(d.accepted, reached, current);
  return {s, next, full(Shape{}, Tensor(true)),
          stack({d.probability, tuning.step_size, next.log_density, d.accepted.cast(f64)})};
}

}  // namespace nuthatch::kernels

namespace nuthatch {

Kernel BarkerMH(const Model& model, const BarkerMHOptions& o, Where where) {
  KernelSettings s = kernels::with_adaptation("BarkerMH", o);
  s.any_data = true;
  s.rule = [](const LogDensity&) { return kernels::point_rule("BarkerMH", kernels::Barker()); };
  s.noisy_acceptance = true;
  detail::check_settings(s, where);
  return Kernel(model, std::move(s));
}

}  // namespace nuthatch
