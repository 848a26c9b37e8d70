#include <nuthatch/nuthatch.h>

using namespace nuthatch;

void model(const Observed& y) {
  Tensor mu = sample("mu", Normal(0.0, 10.0));
  Plate rows("row", y.value().size());
  sample("y", Normal(mu, 1.0), y);
}

int main() {
  Tensor y{0.5, 1.5, 1.0, 1.0};
  auto fit = MCMC(NUTS(model), {.num_warmup = 200, .num_samples = 500, .progress = false}).run(Key(0), y);
  // The exact posterior: precision 1/100 + 4, mean 4 / 4.01.
  const double found = mean(fit.posterior["mu"]).item(), error = mcse_mean(fit.posterior["mu"]).item();
  print("{} {}\n", found, error);
  return (found - 4 / 4.01) * (found - 4 / 4.01) < 30 * error * error ? 0 : 1;
}
