// A local level model of a series: the level is a site in the body of a scan, so it is one variable with an axis of time.
#include <nuthatch/nuthatch.h>

#include "outcome.h"
using namespace nuthatch;

void local_level(int T, const Observed& y) {
  Tensor level0 = sample("level0", Normal(0.0, 10.0));
  Tensor s_obs = sample("sigma_obs", HalfNormal(5.0)), s_state = sample("sigma_state", HalfNormal(5.0));
  auto [last, levels] = scan(level0, arange(T), [&](Tensor previous, Tensor) {
    Tensor level = sample("level", Normal(previous, s_state));
    return std::pair{level, level};
  }, {.dim = "time"});
  Plate time("time", T);
  sample("y", Normal(levels, s_obs), y);
}

// The same likelihood with all levels summed out: y has a normal density with this covariance.
void summed_out(int T, const Observed& y) {
  Tensor level0 = sample("level0", Normal(0.0, 10.0));
  Tensor s_obs = sample("sigma_obs", HalfNormal(5.0)), s_state = sample("sigma_state", HalfNormal(5.0));
  Tensor steps = minimum(expand_dims(arange(1, T + 1), 1), arange(1, T + 1)).cast(f64);
  Tensor covariance = square(s_state) * steps + square(s_obs) * eye(T);
  sample("y", MultivariateNormal({.loc = level0 * ones(T), .covariance = covariance}), y);
}

int main() {
  const int T = 60;
  Tensor truth = cumsum(0.3 * normal(Key(1), {T}));
  Tensor y = truth + 0.5 * normal(Key(2), {T});

  auto model = reparam(local_level, {{"level", LocScaleReparam(0.0)}});
  auto fit = MCMC(NUTS(model, {.target_accept_prob = 0.95}), {.num_samples = 2000}).run(Key(0), T, y);
  auto exact = MCMC(NUTS(summed_out), {.num_samples = 2000}).run(Key(3), T, y);
  fit.print_summary({.var_names = {"sigma_obs", "sigma_state"}});

  example::Outcome outcome;
  for (const char* name : {"sigma_obs", "sigma_state"}) {
    const Tensor a = fit.posterior[name], b = exact.posterior[name];
    const double error = std::hypot(mcse_mean(a).item(), mcse_mean(b).item());
    outcome.near(name, mean(a).item(), mean(b).item(), 5.5 * error);
  }
  outcome.near("levels", sqrt(mean(square(mean(fit["level"], 0) - truth))).item(), 0.0, 0.4);
  outcome.require("one variable with an axis of time", fit.posterior["level"].dims() == std::vector<std::string>{"chain", "draw", "time"});
  // Handlers reach into the loop: a path given is data, step by step.
  Trace given = trace(seed(condition(local_level, {{"level", truth}}), Key(4)))(T);
  outcome.require("a path as data", given["level"].observed && given["level"].log_prob().shape() == Shape{T});
  return outcome.status();
}
