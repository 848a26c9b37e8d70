// Which of two pages sells more, by how much, and is that enough to change? 45 of 1000 visitors bought on the old page,
// 72 of 1200 on the new one. Derived quantities are functions of draws.
#include <nuthatch/nuthatch.h>

#include "outcome.h"
using namespace nuthatch;

void conversions(const Tensor& visitors, const Observed& bought) {
  Plate arms("arm", {"control", "treatment"});
  Tensor p = sample("p", Beta(1.0, 1.0));
  deterministic("diff", p[1] - p[0]);
  deterministic("lift", (p[1] - p[0]) / p[0]);
  sample("bought", Binomial(visitors, p), bought);
}

int main() {
  Tensor visitors{1000.0, 1200.0}, bought{45.0, 72.0};
  auto fit = MCMC(NUTS(conversions), {.num_samples = 10000}).run(Key(42), visitors, bought);
  fit.print_summary();
  Tensor diff = fit.posterior["diff"], lift = fit.posterior["lift"];
  print("expected lift {:.3f}, 94 % interval {:.3f}\n", mean(lift), hdi(lift));
  const double minimum_effect = 0.05, threshold = 0.90;
  const bool change = mean(lift > minimum_effect).item() >= threshold;
  print("P(lift > 5 %) = {:.3f}: {}\n", mean(lift > minimum_effect), change ? "change" : "do not change");

  example::Outcome outcome;
  outcome.mean("P(treatment better)", (diff > 0.0).cast(f64), 0.939693);
  outcome.mean("P(lift > 10 %)", (lift > 0.10).cast(f64), 0.847365);
  outcome.mean("E[lift]", lift, 0.350952);
  outcome.mean("E[difference]", diff, 0.01482393);
  outcome.mean("P(lift > 5 %)", (lift > minimum_effect).cast(f64), 0.900096);
  return outcome.status();
}
