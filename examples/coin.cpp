// Fifteen heads in fifty flips. The exact posterior is Beta(17, 37).
#include <nuthatch/nuthatch.h>

#include "outcome.h"
using namespace nuthatch;

void coin(const Tensor& flips, const Observed& heads) {
  Tensor p = sample("p", Beta(2.0, 2.0));
  sample("heads", Binomial(flips, p), heads);
}

int main() {
  auto fit = MCMC(NUTS(coin), {.num_samples = 4000, .num_chains = 2}).run(Key(42), 50, 15);
  fit.print_summary();
  Tensor draws = fit.posterior["p"];
  print("94 % highest density interval {:.3f}, between quantiles {:.3f}\n", hdi(draws), eti(draws));

  example::Outcome outcome;
  outcome.mean("E[p]", draws, 0.314815);
  outcome.mean("E[p^2]", square(draws), 0.314815 * 0.314815 + 0.062625 * 0.062625);
  Tensor interval = hdi(draws);
  outcome.near("lower end of the HDI", interval[0].item(), 0.199, 0.02);
  outcome.near("upper end of the HDI", interval[1].item(), 0.433, 0.02);
  return outcome.status();
}
