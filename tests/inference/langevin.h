#pragma once
// The kernel of one's own that tests run.
#include <nuthatch/nuthatch.h>

namespace nuthatch {

/// Langevin proposal with Metropolis correction, one transition of one chain.
struct Langevin {
  struct State { Tensor x, logp, grad; static constexpr auto fields = names("x", "logp", "grad"); };
  struct Params { Tensor step_size = 0.1; static constexpr auto fields = names("step_size"); };
  struct Info { Tensor accept_prob, accepted; static constexpr auto fields = names("accept_prob", "accepted"); };
  State init(const Key&, const Tensor& x, const LogDensity& target) const {
    auto [logp, grad] = value_and_grad(target)(x);
    return {x, logp, grad};
  }
  std::pair<State, Info> step(const Key& key, const State& s, const Params& p, const LogDensity& target) const {
    auto [k_move, k_accept] = split<2>(key);
    auto log_q = [&](Tensor to, Tensor from, Tensor g) {
      return -sum(square(to - from - p.step_size * g)) / (4.0 * p.step_size);
    };
    Tensor x = s.x + p.step_size * s.grad + sqrt(2.0 * p.step_size) * normal(k_move, s.x.shape());
    auto [logp, grad] = value_and_grad(target)(x);
    Tensor a = exp(minimum(0.0, logp - s.logp + log_q(s.x, x, grad) - log_q(x, s.x, s.grad)));
    Tensor yes = uniform(k_accept) < a;
    return {State{select(yes, x, s.x), select(yes, logp, s.logp), select(yes, grad, s.grad)}, Info{a, yes}};
  }
};

}  // namespace nuthatch
