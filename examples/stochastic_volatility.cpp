// Returns whose log variance is an autoregressive process: 500 latent states, and a scan that builds the path. The
// innovations are sampled, not the path, because they are independent a priori.
#include <nuthatch/nuthatch.h>

#include "outcome.h"
using namespace nuthatch;

/// h_1 = mu + sigma e_1 / sqrt(1 - phi^2), h_t = mu + phi (h_{t-1} - mu) + sigma e_t.
Tensor log_variance(const Tensor& mu, const Tensor& phi, const Tensor& sigma, const Tensor& e) {
  Tensor start = sigma * e[0] / sqrt(1.0 - square(phi));
  auto [last, path] = scan(start, sigma * e[from(1)], [&](const Tensor& deviation, const Tensor& shock) {
    Tensor next = phi * deviation + shock;
    return std::pair{next, next};
  });
  return mu + concat({start[newaxis], path});
}

void stochastic_volatility(const Tensor& like, const Observed& y) {
  Tensor mu = sample("mu", Cauchy(0.0, 10.0));
  Tensor phi = sample("phi", Uniform(-1.0, 1.0));
  Tensor sigma = sample("sigma", HalfCauchy(5.0));
  Tensor e = plate("shock", like.size(), [&] { return sample("e", Normal(0.0, 1.0)); });
  Tensor h = log_variance(mu, phi, sigma, e);
  Plate days("day", like.size());
  sample("y", Normal(0.0, exp(0.5 * h)), y);
}

int main() {
  auto [ke, ky, kfit] = split<3>(Key(12));
  const std::int64_t days = 500;
  Tensor h = log_variance(-1.0, 0.95, 0.25, normal(ke, {days}));
  Tensor y = exp(0.5 * h) * normal(ky, {days});
  auto fit = MCMC(NUTS(stochastic_volatility)).run(kfit, y, y);
  fit.print_summary({.var_names = {"mu", "phi", "sigma"}});

  // The path of every draw, and how well its mean follows the truth.
  Tensor path = mean(jit(vmap(log_variance))(fit["mu"], fit["phi"], fit["sigma"], fit["e"]), 0);
  Tensor a = path - mean(path), b = h - mean(h);
  const double correlation = (sum(a * b) / sqrt(sum(a * a) * sum(b * b))).item();

  example::Outcome outcome;
  outcome.near("phi", mean(fit["phi"]).item(), 0.95, 0.15);
  outcome.near("sigma", mean(fit["sigma"]).item(), 0.25, 0.25);
  outcome.near("correlation with the true path", correlation, 1.0, 0.4);
  outcome.require("R-hat below 1.05", fit.diagnose().max_r_hat < 1.05);
  return outcome.status();
}
