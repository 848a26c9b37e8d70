// Partial pooling over eight schools (Rubin 1981; Gelman et al., Bayesian Data Analysis, section 5.5), non-centred.
#include <nuthatch/nuthatch.h>

#include "outcome.h"
using namespace nuthatch;

void eight_schools(const Tensor& sigma, const Observed& y) {
  Tensor mu = sample("mu", Normal(0.0, 5.0));
  Tensor tau = sample("tau", HalfCauchy(5.0));
  Plate schools("school", {"Choate", "Deerfield", "Andover", "Exeter", "Hotchkiss", "Lawrenceville", "Paul's", "Hermon"});
  Tensor theta = sample("theta", Normal(mu, tau));
  sample("y", Normal(theta, sigma), y);
}

int main() {
  Tensor y{28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0}, sigma{15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0};
  auto model = reparam(eight_schools, {{"theta", LocScaleReparam(0.0)}});
  auto fit = MCMC(NUTS(model), {.num_warmup = 1000, .num_samples = 1000, .num_chains = 4}).run(Key(0), sigma, y);
  fit.print_summary({.var_names = {"mu", "tau", "theta"}});

  example::Outcome outcome;
  outcome.mean("E[mu]", fit.posterior["mu"], 4.396821);
  outcome.mean("E[tau]", fit.posterior["tau"], 3.597705);

  const auto& time = fit.timing();
  const double leapfrogs = sum(fit.sample_stats["n_steps"]).item();
  print("trace {:.1f} ms, compile {:.1f} ms, warm-up {:.2f} ms, sampling {:.2f} ms, {:.0f} leapfrogs, "
        "{:.0f} ns per leapfrog of a chain\n",
        1e3 * time.trace.count(), 1e3 * time.compile.count(), 1e3 * time.warmup.count(),
        1e3 * time.sampling.count(), leapfrogs, 1e9 * time.sampling.count() / leapfrogs);
  return outcome.status();
}
