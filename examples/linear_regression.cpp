// A straight line with uncertainty, checked against the posterior that is known in closed form when the noise is.
#include <nuthatch/nuthatch.h>

#include "outcome.h"
using namespace nuthatch;

void line(const Tensor& x, const Observed& y) {
  Tensor a = sample("intercept", Normal(0.0, 5.0));
  Tensor b = sample("slope", Normal(0.0, 5.0));
  Tensor sigma = sample("sigma", HalfNormal(2.0));
  Plate rows("obs", x.size());
  sample("y", Normal(a + b * x, sigma), y);
}

/// Posterior mean of (intercept, slope) given sigma: (X^T X + (sigma/5)^2 I)^-1 X^T y.
Tensor exact_mean(const Tensor& x, const Tensor& y, double sigma) {
  Tensor X = stack({ones_like(x), x}, 1);
  Tensor precision = matmul(transpose(X), X) + sigma * sigma / 25.0 * eye(2);
  return cho_solve(cholesky(precision), matmul(transpose(X), y));
}

int main() {
  auto [kx, ke, kfit] = split<3>(Key(42));
  Tensor x = normal(kx, {100}), y = 2.5 * x + 1.0 + 0.8 * normal(ke, {100});
  auto fit = MCMC(NUTS(line), {.num_samples = 4000}).run(kfit, x, y);
  fit.print_summary();

  // The line at new points, a band of draws: (samples, points).
  Tensor grid = linspace(-3.0, 3.0, 7);
  Tensor lines = fit["intercept"](all, newaxis) + fit["slope"](all, newaxis) * grid;
  for (int i = 0; i < 7; ++i) print("x = {:>4.1f}: {:>6.3f} +- {:.3f}\n", grid[i], mean(lines(all, i)), stddev(lines(all, i)));

  example::Outcome outcome;
  auto given = MCMC(NUTS(condition(line, {{"sigma", 0.8}})), {.num_samples = 4000}).run(kfit, x, y);
  Tensor exact = exact_mean(x, y, 0.8);
  outcome.mean("E[intercept | sigma = 0.8]", given.posterior["intercept"], exact[0].item());
  outcome.mean("E[slope | sigma = 0.8]", given.posterior["slope"], exact[1].item());
  outcome.near("sigma", mean(fit["sigma"]).item(), 0.8, 0.25);
  return outcome.status();
}
