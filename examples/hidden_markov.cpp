// A hidden Markov model: states summed out by the forward algorithm while sampling, and drawn afterwards given everything.
#include <nuthatch/nuthatch.h>

#include "outcome.h"
using namespace nuthatch;

void hmm(int K, int T, const Observed& y) {
  Tensor P = plate("state", K, [&] { return sample("transition", Dirichlet(ones(K))); });  // rows
  Tensor mu = sample("mu", Normal(0.0, 5.0).expand({K}).to_event().restricted(constraints::ordered));
  Tensor z = sample("z", MarkovChain(P, Categorical(ones(K) / double(K)), T));
  Plate time("time", T);
  sample("y", Normal(mu[z], 1.0), y);
}

int main() {
  const int T = 300;
  const Tensor P{{0.95, 0.05}, {0.10, 0.90}}, mu{-2.0, 2.0};
  const Tensor states = MarkovChain(P, Tensor{0.5, 0.5}, T).sample(Key(1));
  const Tensor y = mu[states] + normal(Key(2), {T});

  auto marginal = marginalize(hmm, {"z"});
  auto fit = MCMC(NUTS(marginal), {.num_warmup = 500, .num_samples = 500}).run(Key(0), 2, T, y);
  fit.print_summary();
  const InferenceData with_states = infer_discrete(marginal, fit, Key(3), 2, T, y);
  const Tensor right = mean((mean(with_states["z"].cast(f64), 0) > 0.5) == (states == 1));
  print("states found: {:.3f}\n", right);

  example::Outcome outcome;
  outcome.near("mu[0]", mean(fit["mu"](all, 0)).item(), -2.0, 0.3);
  outcome.near("mu[1]", mean(fit["mu"](all, 1)).item(), 2.0, 0.3);
  outcome.near("P[0, 0]", mean(fit["transition"](all, 0, 0)).item(), 0.95, 0.06);
  outcome.near("states found", right.item(), 0.98, 0.03);
  return outcome.status();
}
