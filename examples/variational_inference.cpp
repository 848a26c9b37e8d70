// Variational inference on a regression whose posterior and evidence are known, with a guide of one's own and with
// automatic ones; then a fitted flow straightens Neal's funnel for NUTS. docs/svi.md walks through it.
#include <nuthatch/neutra.h>
#include <nuthatch/nuthatch.h>
#include <nuthatch/svi.h>

#include "outcome.h"
using namespace nuthatch;

void line(const Tensor& x, const Observed& y) {
  Tensor a = sample("alpha", Normal(0.0, 1.0)), b = sample("beta", Normal(0.0, 1.0));
  Plate rows("obs", x.size());
  sample("y", Normal(a + b * x, 0.5), y);
}

// A guide is a model with params: here independent normals, which the posterior is not.
void independent(const Tensor&, const Observed&) {
  for (const char* site : {"alpha", "beta"})
    sample(site, Normal(param(std::string(site) + "_loc", 0.0), param(std::string(site) + "_scale", 1.0, constraints::positive)));
}

// The scale of x depends on v: narrow where v is small, where a step size that suits the rest is too large.
void funnel() {
  Tensor v = sample("v", Normal(0.0, 3.0));
  Plate rows("rows", 9);
  sample("x", Normal(0.0, exp(0.5 * v)));
}

int main() {
  example::Outcome outcome;

  // Data away from the origin: intercept and slope are strongly correlated.
  Tensor x = 2.0 + normal(Key(0), {50}), y = 1.0 - 0.7 * x + 0.5 * normal(Key(1), {50});
  Tensor X = stack({ones({50}), x}, 1);
  Tensor covariance = inv(eye(2) + 4.0 * matmul(transpose(X), X)), mode = 4.0 * matmul(covariance, matmul(transpose(X), y));
  const double evidence = MultivariateNormal({.covariance = 0.25 * eye(50) + matmul(X, transpose(X))}).log_prob(y).item();

  const SVIOptions options{.num_steps = 4000, .loss = TraceELBO({.num_particles = 16})};
  const Optimiser adam = Adam(cosine_decay({.init = 0.03, .steps = 4000, .final = 1e-4}));
  print("{:<34} {:>11} {:>8} {:>9} {:>9}\n", "guide", "bound", "k-hat", "E[beta]", "sd");
  for (const auto& [name, guide] : std::vector<std::pair<std::string, Guide>>{
           {"independent normals, own", independent}, {"independent normals, automatic", AutoNormal(line)},
           {"normal of full rank", AutoMultivariateNormal(line)}, {"Laplace", AutoLaplaceApproximation(line)}}) {
    const SVIResult result = SVI(line, guide, adam, options).run(Key(2), x, y);
    const Fit approx = result.posterior(Key(3), 4000);
    const double bound = mean(result.importance_log_weights(Key(4), 4000)).item();
    print("{:<34} {:>11.3f} {:>8.2f} {:>9.4f} {:>9.4f}\n", name, bound, result.psis_k(Key(4), 4000), mean(approx["beta"]).item(),
          stddev(approx["beta"]).item());
    if (name == "normal of full rank") outcome.near("its bound is the log evidence", bound, evidence, 0.01);
    if (name == "normal of full rank" || name == "Laplace") {
      outcome.mean("E[beta]", approx.posterior["beta"], mode[1].item());
      outcome.near("sd[beta]", stddev(approx["beta"]).item(), std::sqrt(covariance(1, 1).item()), 5.5 * std::sqrt(covariance(1, 1).item() / 8000));
    }
  }
  print("exact: log evidence {:.3f}, E[beta] {:.4f}, sd {:.4f}\n\n", evidence, mode[1].item(), std::sqrt(covariance(1, 1).item()));

  // NeuTra: NUTS in the coordinates of a flow that was fitted to the posterior.
  const AutoIAFNormal flow(funnel, {.num_flows = 1, .hidden = {16, 16}, .init_scale = 1.0});
  const SVIResult fitted = SVI(funnel, flow, Adam(cosine_decay({.init = 0.01, .steps = 10000})),
                               {.num_steps = 10000, .loss = TraceELBO({.num_particles = 16})}).run(Key(5));
  const MCMCOptions chains{.num_warmup = 1000, .num_samples = 1000, .num_chains = 8};
  const Fit straight = MCMC(NUTS(reparam(funnel, NeuTraReparam(flow, fitted.params))), chains).run(Key(6));
  const Fit plain = MCMC(NUTS(funnel), chains).run(Key(6));
  for (const auto& [name, fit] : {std::pair<const char*, const Fit&>{"as written", plain}, {"through the flow", straight}}) {
    const Diagnosis d = fit.diagnose();
    print("funnel {:<18} {:>5} divergences, R-hat {:.3f}, bulk ESS {:>5.0f}, sd[v] {:.3f}\n", name, d.divergences, d.max_r_hat,
          d.min_ess_bulk, stddev(fit["v"]).item());
  }
  outcome.mean("E[v] through the flow", straight.posterior["v"], 0.0);
  outcome.mean("P(v < -3) through the flow", (straight.posterior["v"].tensor() < -3.0).cast(f64), 0.158655);
  outcome.require("the flow makes it easier", straight.diagnose().min_ess_bulk > 2 * plain.diagnose().min_ess_bulk);
  return outcome.status();
}
