// A kernel of one's own: the Metropolis-adjusted Langevin algorithm (Roberts & Tweedie 1996), written as one transition of
// one chain. Step size adaptation, lanes, threads, storage and resumption come from the library.
#include <nuthatch/nuthatch.h>

#include "outcome.h"
using namespace nuthatch;

struct Langevin {
  struct State { Tensor x, log_density, gradient; };
  struct Params { Tensor step_size = 0.1; };
  struct Info { Tensor accept_prob; };

  State init(const Key&, const Tensor& x, const LogDensity& target) const {
    auto [log_density, gradient] = value_and_grad(target)(x);
    return {x, log_density, gradient};
  }

  std::pair<State, Info> step(const Key& key, const State& s, const Params& p, const LogDensity& target) const {
    auto [k_move, k_accept] = split<2>(key);
    Tensor x = s.x + p.step_size * s.gradient + sqrt(2.0 * p.step_size) * normal(k_move, s.x.shape());
    auto [log_density, gradient] = value_and_grad(target)(x);
    auto log_q = [&](Tensor to, Tensor from, Tensor slope) {
      return -sum(square(to - from - p.step_size * slope)) / (4.0 * p.step_size);
    };
    Tensor ratio = log_density - s.log_density + log_q(s.x, x, gradient) - log_q(x, s.x, s.gradient);
    Tensor probability = exp(minimum(0.0, ratio)), accepted = uniform(k_accept) < probability;
    return {{select(accepted, x, s.x), select(accepted, log_density, s.log_density),
             select(accepted, gradient, s.gradient)},
            {probability}};
  }
};

/// The posterior is normal with mean (1/3, 2/3) y and covariance [[2, 1], [1, 2]] / 3.
void model(const Observed& y) {
  Tensor a = sample("a", Normal(0.0, 1.0)), b = sample("b", Normal(a, 1.0));
  sample("y", Normal(b, 1.0), y);
}

int main() {
  auto fit = MCMC(adapt(Langevin{}, model, {.target_accept_prob = 0.574}), {.num_samples = 4000}).run(Key(0), 3.0);
  fit.print_summary();

  example::Outcome outcome;
  outcome.mean("E[a]", fit.posterior["a"], 1.0);
  outcome.mean("E[b]", fit.posterior["b"], 2.0);
  return outcome.status();
}
