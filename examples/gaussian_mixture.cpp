// Three overlapping populations. Ordered means give the components their names, so that chains agree about them; the
// component of each point is summed out.
#include <nuthatch/nuthatch.h>

#include "outcome.h"
using namespace nuthatch;

void mixture(const Observed& y, const Tensor& like) {
  Tensor weights = sample("weights", Dirichlet(2.0 * ones(3)));
  Tensor mu = sample("mu", Normal(zeros(3), 5.0).to_event().restricted(constraints::ordered));
  Tensor sigma = sample("sigma", LogNormal(zeros(3), 1.0).to_event());
  Plate points("point", like.size());
  sample("y", MixtureSameFamily(Categorical(weights), Normal(mu, sigma)), y);
}

int main() {
  auto [kc, kn, kfit] = split<3>(Key(5));
  const Tensor weights{0.3, 0.5, 0.2}, mu{-3.0, 0.0, 3.5}, sigma{0.7, 1.0, 0.8};
  Tensor component = categorical(kc, log(weights), {600});
  Tensor y = mu[component] + sigma[component] * normal(kn, {600});
  // There are minor modes, with two components in one place and the third covering the rest. Chains that start with the
  // components apart do not visit them.
  auto apart = init_to_value({{"weights", Tensor{0.33, 0.34, 0.33}}, {"mu", Tensor{-2.0, 0.0, 2.0}}, {"sigma", ones(3)}});
  auto fit = MCMC(NUTS(mixture, {.init = apart})).run(kfit, y, y);
  fit.print_summary();

  // P(component | y) of a point is an average over draws.
  auto membership = [&](double at) {
    Tensor log_p = log(fit["weights"]) + Normal(fit["mu"], fit["sigma"]).log_prob(at);
    return mean(softmax(log_p), 0);
  };
  for (double at : {-2.0, -1.6, 2.0}) print("y = {:>4.1f}: {:.3f}\n", at, membership(at));

  example::Outcome outcome;
  for (int k = 0; k < 3; ++k) {
    outcome.near(format("weight {}", k), mean(fit["weights"](all, k)).item(), weights[k].item(), 0.12);
    outcome.near(format("mu {}", k), mean(fit["mu"](all, k)).item(), mu[k].item(), 0.5);
    outcome.near(format("sigma {}", k), mean(fit["sigma"](all, k)).item(), sigma[k].item(), 0.35);
  }
  outcome.require("R-hat below 1.02", fit.diagnose().max_r_hat < 1.02);
  return outcome.status();
}
