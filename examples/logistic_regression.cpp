// Logistic regression on simulated data: odds ratios, and the likelihood equations as a check.
#include <nuthatch/nuthatch.h>

#include "outcome.h"
using namespace nuthatch;

void logistic_regression(const Tensor& X, const Observed& y) {
  Tensor a = sample("intercept", Normal(0.0, 2.5));
  Tensor b = plate("feature", X.size(1), [&] { return sample("slopes", Normal(0.0, 2.5)); });
  Plate rows("obs", X.size(0));
  sample("y", Bernoulli({.logits = a + matmul(X, b)}), y);
}

int main() {
  auto [kx, ky, kfit] = split<3>(Key(7));
  const Tensor truth{1.0, -0.5, 0.0};
  Tensor X = normal(kx, {500, 3});
  Tensor y = bernoulli(ky, sigmoid(0.3 + matmul(X, truth))).cast(f64);
  auto fit = MCMC(NUTS(logistic_regression), {.num_samples = 2000}).run(kfit, X, y);
  fit.print_summary();
  Tensor odds = exp(fit.posterior["slopes"]);
  print("odds ratios {:.2f}\n94 % intervals\n{:.2f}\n", mean(odds, {.axis = {0, 1}}), hdi(odds));

  // The posterior mean of the gradient of the log density is zero: with prior Normal(0, s), for every coefficient
  // E[sum_n (y_n - p_n) x_n] = E[b] / s^2. Per draw, the difference of the two sides has mean zero.
  Tensor intercept = fit.posterior["intercept"], slopes = fit.posterior["slopes"];
  Tensor p = sigmoid(intercept(ellipsis, newaxis) + matmul(slopes, transpose(X)));
  Tensor score = matmul(y - p, X) - slopes / 6.25;
  example::Outcome outcome;
  for (int k = 0; k < 3; ++k) outcome.mean(format("score of slope {}", k), score(all, all, k), 0.0);
  for (int k = 0; k < 3; ++k)
    outcome.near(format("slope {}", k), mean(slopes(all, all, k)).item(), truth[k].item(), 0.5);
  return outcome.status();
}
