#include "benchmarks/model_functions.h"

namespace nuthatch::benchmark {

void eight_schools(const Tensor& sigma, const Observed& y) {
  Tensor mu = sample("mu", Normal(0.0, 5.0));
  Tensor tau = sample("tau", HalfCauchy(5.0));
  Plate schools("school", sigma.size());
  Tensor theta = sample("theta", Normal(mu, tau));
  sample("y", Normal(theta, sigma), y);
}

void logistic(const Tensor& X, const Observed& y) {
  Tensor alpha = sample("alpha", Normal(0.0, 5.0));
  Tensor beta = plate("feature", X.size(1), [&] { return sample("beta", Normal(0.0, 2.5)); });
  Plate rows("row", X.size(0));
  sample("y", Bernoulli({.logits = alpha + matmul(X, beta)}), y);
}

void radon(const Tensor& county, int counties, const Tensor& x, const Observed& y) {
  Tensor mu = sample("mu_alpha", Normal(0.0, 10.0)), spread = sample("sigma_alpha", HalfNormal(1.0));
  Tensor alpha = plate("county", counties, [&] { return sample("alpha", Normal(mu, spread)); });
  Tensor beta = sample("beta", Normal(0.0, 10.0));
  Tensor sigma = sample("sigma_y", HalfNormal(1.0));
  Plate houses("house", x.size());
  sample("y", Normal(alpha[county] + beta * x, sigma), y);
}

void stochastic_volatility(const Tensor& like, const Observed& y) {
  Tensor mu = sample("mu", Cauchy(0.0, 10.0));
  Tensor phi = sample("phi", Uniform(-1.0, 1.0));
  Tensor sigma = sample("sigma", HalfCauchy(5.0));
  Tensor e = plate("shock", like.size(), [&] { return sample("h_std", Normal(0.0, 1.0)); });
  Tensor start = sigma * e[0] / sqrt(1.0 - square(phi));
  auto [last, path] = scan(start, e[from(1)], [&](const Tensor& deviation, const Tensor& shock) {
    Tensor next = phi * deviation + sigma * shock;
    return std::pair{next, next};
  });
  Tensor h = mu + concat({start[newaxis], path});
  Plate days("day", like.size());
  sample("y", Normal(0.0, exp(0.5 * h)), y);
}

void gaussian_mixture(const Tensor& like, const Observed& y) {
  Tensor theta = sample("theta", Dirichlet(2.0 * ones(3)));
  Tensor mu = sample("mu", Normal(zeros(3), 5.0).to_event().restricted(constraints::ordered));
  Tensor sigma = sample("sigma", LogNormal(zeros(3), 1.0).to_event());
  Plate points("point", like.size());
  sample("y", MixtureSameFamily(Categorical(theta), Normal(mu, sigma)), y);
}

void hidden_markov(const Tensor& y) {
  Tensor start = sample("pi0", Dirichlet(2.0 * ones(3)));
  Tensor transition = plate("state", 3, [&] { return sample("theta", Dirichlet(2.0 * ones(3))); });
  Tensor mu = sample("mu", Normal(zeros(3), 5.0).to_event().restricted(constraints::ordered));
  Tensor sigma = sample("sigma", HalfNormal(2.0));
  Tensor emission = Normal(mu, sigma).log_prob(y(all, newaxis));  // [time, state]
  Tensor log_transition = log(transition);
  auto [forward, unused] = scan(log(start) + emission[0], emission[from(1)], [&](const Tensor& before, const Tensor& now) {
    Tensor next = logsumexp(before(all, newaxis) + log_transition, 0) + now;
    return std::pair{next, next[0]};
  });
  factor("y", logsumexp(forward));
}

void gaussian_process(const Tensor& x, const Observed& y) {
  Tensor rho = sample("rho", InverseGamma(5.0, 5.0));
  Tensor alpha = sample("alpha", HalfNormal(1.0));
  Tensor sigma = sample("sigma", HalfNormal(1.0));
  Tensor distance = square(x(all, newaxis) - x);
  Tensor K = square(alpha) * exp(-0.5 * distance / square(rho)) + (square(sigma) + 1e-8) * eye(x.size());
  sample("y", MultivariateNormal({.covariance = K}), y);
}

}  // namespace nuthatch::benchmark
