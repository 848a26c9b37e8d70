// Autoregression, moving average, hidden Markov models, a differential equation.
#include "tests/posteriordb/densities.h"

namespace nuthatch::posteriordb {
namespace {

class TimeSeries : public PosteriorDB {};

void autoregression(const Tensor& past, const Observed& y) {
  Tensor alpha = sample("alpha", Normal(0.0, 10.0));
  Tensor beta = sample("beta", Normal(zeros(past.size(1)), 10.0).to_event());
  Tensor sigma = sample("sigma", HalfCauchy(2.5));
  Plate times("time", past.size(0));
  sample("y", Normal(alpha + matmul(past, beta), sigma), y);
}

TEST_F(TimeSeries, Autoregression) {
  const Data d("arK");
  Tensor y = d["y"];
  const auto K = std::int64_t(d.number("K")), T = y.size();
  std::vector<Tensor> lagged;
  for (std::int64_t k = 1; k <= K; ++k) lagged.push_back(y[slice(K - k, T - k)]);
  expect_agreement("arK-arK", autoregression, stack(lagged, 1), y[from(K)]);
}

/// e_1 = y_1 - (mu + phi mu), e_t = y_t - (mu + phi y_{t-1} + theta e_{t-1}), e_t ~ Normal(0, sigma).
void arma(const Tensor& y) {
  Tensor mu = sample("mu", Normal(0.0, 10.0)), phi = sample("phi", Normal(0.0, 2.0)),
         theta = sample("theta", Normal(0.0, 2.0)), sigma = sample("sigma", HalfCauchy(2.5));
  Tensor first = y[0] - (mu + phi * mu);
  auto [last, errors] = scan(first, std::pair{y[from(1)], y[until(-1)]},
                             [&](const Tensor& error, const std::pair<Tensor, Tensor>& now_and_before) {
                               const auto& [now, before] = now_and_before;
                               Tensor next = now - (mu + phi * before + theta * error);
                               return std::pair{next, next};
                             });
  factor("y", sum(Normal(0.0, sigma).log_prob(errors)) + Normal(0.0, sigma).log_prob(first));
}

TEST_F(TimeSeries, Arma) { expect_agreement("arma-arma11", arma, Data("arma")["y"]); }

/// log sum over state paths, every first state with weight one; emission [time, state], transition [from, to].
Tensor forward(const Tensor& emission, const Tensor& transition) {
  Tensor log_transition = log(transition);
  auto [last, unused] = scan(emission[0], emission[from(1)], [&](const Tensor& before, const Tensor& now) {
    Tensor next = logsumexp(before(all, newaxis) + log_transition, 0) + now;
    return std::pair{next, next[0]};
  });
  return logsumexp(last);
}

void hidden_markov(const Tensor& y) {
  Tensor theta1 = sample("theta1", Dirichlet(ones(2))), theta2 = sample("theta2", Dirichlet(ones(2)));
  Tensor mu = sample("mu", Normal(Tensor{3.0, 10.0}, 1.0).to_event().restricted(constraints::positive_ordered));
  factor("y", forward(Normal(mu, 1.0).log_prob(y(all, newaxis)), stack({theta1, theta2})));
}

TEST_F(TimeSeries, HiddenMarkov) { expect_agreement("hmm_example-hmm_example", hidden_markov, Data("hmm_example")["y"]); }

void drive(const Tensor& u, const Tensor& v, const Tensor& concentration) {
  Tensor theta1 = sample("theta1", Dirichlet(concentration[0])), theta2 = sample("theta2", Dirichlet(concentration[1]));
  auto rates = [](const char* name) {
    return sample(name, Normal(Tensor{0.0, 3.0}, 1.0).to_event().restricted(constraints::positive_ordered));
  };
  Tensor phi = rates("phi"), lambda = rates("lambda");
  Tensor emission = Exponential(phi).log_prob(u(all, newaxis)) + Exponential(lambda).log_prob(v(all, newaxis));
  factor("uv", forward(emission, stack({theta1, theta2})));
}

TEST_F(TimeSeries, HiddenMarkovTwoChannels) {
  const Data d("bball_drive_event_0");
  // With lambda[2] near its prior mean there is a second mode, 60 nats lower, that can hold a chain which starts there
  // for the whole run: no chain does.
  const Init start = init_to_value({{"theta1", Tensor{0.9, 0.1}}, {"theta2", Tensor{0.1, 0.9}},
                                    {"phi", Tensor{1.0, 5.0}}, {"lambda", Tensor{0.02, 0.1}}});
  expect_density("bball_drive_event_0-hmm_drive_0", Model(drive)(d["u"], d["v"], d.matrix("alpha")));
  expect_agreement("bball_drive_event_0-hmm_drive_0", Sample([&](Settings with, const Key& key) {
                     with.nuts.init = start;
                     return MCMC(NUTS(drive, with.nuts), with.mcmc)
                         .run(key, d["u"], d["v"], d.matrix("alpha"));
                   }));
}

/// Predator and prey, one classical Runge-Kutta step of length 1/25 after another.
void lotka_volterra(const Tensor& y_init, const Tensor& y) {
  auto positive_normal = [](const Tensor& mean, const Tensor& sd) {
    return Normal(mean, sd).to_event().restricted(Constraint(constraints::positive).independent(1));
  };
  Tensor theta = sample("theta", positive_normal(Tensor{1.0, 0.05, 1.0, 0.05}, Tensor{0.5, 0.05, 0.5, 0.05}));
  Tensor sigma = sample("sigma", LogNormal(-1.0 * ones(2), 1.0).to_event());
  Tensor z_init = sample("z_init", LogNormal(std::log(10.0) * ones(2), 1.0).to_event());
  auto slope = [&](const Tensor& z) {
    Tensor u = z[0], v = z[1];
    return stack({(theta[0] - theta[1] * v) * u, (-theta[2] + theta[3] * u) * v});
  };
  constexpr int steps = 25;
  const double h = 1.0 / steps;
  auto [last, states] = scan(z_init, y.size(0), [&](const Tensor& start, const Tensor&) {
    Tensor end = fori_loop(0, steps, start, [&](const Tensor&, const Tensor& z) {
      Tensor k1 = slope(z), k2 = slope(z + 0.5 * h * k1), k3 = slope(z + 0.5 * h * k2), k4 = slope(z + h * k3);
      return z + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4);
    });
    return std::pair{end, end};
  });
  sample("y_init", LogNormal(log(z_init), sigma).to_event(), y_init);
  sample("y", LogNormal(log(states), sigma).to_event(), y);
}

TEST_F(TimeSeries, LotkaVolterra) {
  const Data d("hudson_lynx_hare");
  expect_agreement("hudson_lynx_hare-lotka_volterra", lotka_volterra, d["y_init"], d.matrix("y"));
}

}  // namespace
}  // namespace nuthatch::posteriordb
