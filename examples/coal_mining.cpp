// British coal mining disasters per year, 1851 to 1961: in which year did the rate change? The year is discrete, so it
// is summed out: the log likelihood is a log-sum-exp over all years, and the posterior of the year follows from draws of
// the two rates. In two years the number is not known.
#include <nuthatch/nuthatch.h>

#include "outcome.h"
using namespace nuthatch;

/// Joint log probability [year] of the counts and of the change coming after that year, every year equally likely.
Tensor log_joint(const Tensor& counts, const Tensor& known, const Tensor& early, const Tensor& late) {
  Tensor log_early = select(known, xlogy(counts, early) - early - lgamma(counts + 1.0), 0.0);
  Tensor log_late = select(known, xlogy(counts, late) - late - lgamma(counts + 1.0), 0.0);
  Tensor before = cumsum(log_early), after = sum(log_late) - cumsum(log_late);
  return before + after - std::log(double(counts.size()));
}

void disasters(const Tensor& counts, const Tensor& known) {
  Tensor early = sample("early", Exponential(1.0)), late = sample("late", Exponential(1.0));
  factor("counts", logsumexp(log_joint(counts, known, early, late)));
}

int main() {
  const double unknown = -1.0;
  Tensor recorded{4.0, 5.0, 4.0, 0.0, 1.0, 4.0, 3.0, 4.0, 0.0, 6.0, 3.0, 3.0, 4.0, 0.0, 2.0, 6.0, 3.0, 3.0, 5.0,
                  4.0, 5.0, 3.0, 1.0, 4.0, 4.0, 1.0, 5.0, 5.0, 3.0, 4.0, 2.0, 5.0, 2.0, 2.0, 3.0, 4.0, 2.0, 1.0,
                  3.0, unknown, 2.0, 1.0, 1.0, 1.0, 1.0, 3.0, 0.0, 0.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 3.0, 1.0,
                  0.0, 3.0, 2.0, 2.0, 0.0, 1.0, 1.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 2.0, 1.0, 0.0, 0.0,
                  0.0, 1.0, 1.0, 0.0, 2.0, 3.0, 3.0, 1.0, unknown, 2.0, 1.0, 1.0, 1.0, 1.0, 2.0, 4.0, 2.0, 0.0,
                  0.0, 1.0, 4.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0};
  Tensor known = recorded != unknown, counts = maximum(recorded, 0.0);
  auto fit = MCMC(NUTS(disasters), {.num_samples = 2000}).run(Key(3), counts, known);
  fit.print_summary();

  // P(year | rates) for every draw, in one call.
  Tensor early = fit.posterior["early"], late = fit.posterior["late"];
  auto year_given_rates = [&](Tensor e, Tensor l) { return softmax(log_joint(counts, known, e, l)); };
  Tensor year = jit(vmap(vmap(year_given_rates)))(early, late);     // (chain, draw, year)
  Tensor probability = mean(year, {.axis = {0, 1}});
  Tensor best = argmax(probability);
  print("most probable last year of the higher rate: {}, P = {:.3f}\n", best + 1851, probability[best]);

  example::Outcome outcome;
  outcome.mean("E[rate before]", early, 3.087042);
  outcome.mean("E[rate after]", late, 0.931733);
  outcome.mean("E[year]", matmul(year, arange(1851, 1962).cast(f64)), 1889.784099);
  outcome.mean("P(year = 1891)", year(all, all, 40), 0.220803);
  outcome.require("the mode is 1891", best.item<int>() == 40);
  return outcome.status();
}
