// Eight schools as one writes it down first. Where tau is small the effects are confined to a funnel no single step size
// fits: the sampler diverges there, says so, and the same model made non-centred is sound.
#include <nuthatch/nuthatch.h>

#include "outcome.h"
using namespace nuthatch;

void eight_schools(const Tensor& sigma, const Observed& y) {
  Tensor mu = sample("mu", Normal(0.0, 5.0));
  Tensor tau = sample("tau", HalfCauchy(5.0));
  Plate schools("school", 8);
  Tensor theta = sample("theta", Normal(mu, tau));
  sample("y", Normal(theta, sigma), y);
}

void report(const std::string& name, const Fit& fit) {
  const Diagnosis found = fit.diagnose();
  print("{}: {} divergences, R-hat up to {:.3f}, at least {:.0f} effective draws\n", name, found.divergences,
        found.max_r_hat, found.min_ess_bulk);
  for (const auto& message : found.messages) print("  {}\n", message);
}

int main() {
  Tensor y{28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0}, sigma{15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0};
  auto centred = MCMC(NUTS(eight_schools)).run(Key(0), sigma, y);
  auto model = reparam(eight_schools, {{"theta", LocScaleReparam(0.0)}});
  auto careful = NUTS(model, {.target_accept_prob = 0.95});
  auto non_centred = MCMC(careful).run(Key(0), sigma, y);
  report("centred", centred);
  report("non-centred", non_centred);

  example::Outcome outcome;
  outcome.require("the centred form is found to be at fault", !centred.diagnose().ok);
  outcome.require("few divergences remain", non_centred.diagnose().divergences < 10);
  outcome.mean("E[tau], non-centred", non_centred.posterior["tau"], 3.597705);
  return outcome.status();
}
