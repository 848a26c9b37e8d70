// Batting averages of 18 players after 45 at-bats (Efron & Morris 1975): a population of abilities, and a player who has
// missed four times out of four.
#include <nuthatch/nuthatch.h>

#include "outcome.h"
using namespace nuthatch;

void batting(const Tensor& at_bats, const Observed& hits) {
  Tensor phi = sample("phi", Uniform(0.0, 1.0));                  // mean ability of the population
  Tensor log_kappa = sample("log_kappa", Exponential(1.5));       // how alike the players are
  Tensor kappa = deterministic("kappa", exp(log_kappa));
  Plate players("player", at_bats.size());
  Tensor theta = sample("theta", Beta(phi * kappa, (1.0 - phi) * kappa));
  sample("hits", Binomial(at_bats, theta), hits);
}

int main() {
  Tensor hits{18.0, 17.0, 16.0, 15.0, 14.0, 14.0, 13.0, 12.0, 11.0, 11.0,
              10.0, 10.0, 10.0, 10.0, 10.0, 9.0,  8.0,  7.0,  0.0};
  Tensor at_bats = concat({full(18, 45.0), Tensor{4.0}});
  auto fit = MCMC(NUTS(batting, {.target_accept_prob = 0.95}), {.num_samples = 4000}).run(Key(11), at_bats, hits);
  fit.print_summary({.var_names = {"~kappa"}});

  const double exact[19] = {0.32085, 0.31174, 0.30262, 0.29350, 0.28438, 0.28438, 0.27526, 0.26614, 0.25702, 0.25702,
                            0.24791, 0.24791, 0.24791, 0.24791, 0.24791, 0.23879, 0.22967, 0.22055, 0.247527};
  example::Outcome outcome;
  outcome.mean("E[phi]", fit.posterior["phi"], 0.266340);
  outcome.mean("E[log kappa]", fit.posterior["log_kappa"], 4.251833);
  for (int i = 0; i < 19; ++i) outcome.mean(format("E[theta {}]", i), fit.posterior["theta"](all, all, i), exact[i]);
  return outcome.status();
}
