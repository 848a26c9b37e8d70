// Simulation-based calibration of NUTS on eight families of models: parameters of the prior, data given them, a fit; the
// ranks of the parameters among the draws are uniform. Some 60 ranks are tested: p > 2e-6 for each is a family-wise error
// of 1e-4.
#include <gtest/gtest.h>

#include "nuthatch/array.h"
#include "nuthatch/control.h"
#include "nuthatch/distributions/bernoulli.h"
#include "nuthatch/distributions/beta.h"
#include "nuthatch/distributions/custom_dist.h"
#include "nuthatch/distributions/gamma.h"
#include "nuthatch/distributions/half_cauchy.h"
#include "nuthatch/distributions/half_normal.h"
#include "nuthatch/distributions/lkj_cholesky.h"
#include "nuthatch/distributions/log_normal.h"
#include "nuthatch/distributions/multivariate_normal.h"
#include "nuthatch/distributions/normal.h"
#include "nuthatch/distributions/ordered_logistic.h"
#include "nuthatch/index.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "nuthatch/mcmc.h"
#include "nuthatch/random.h"
#include "nuthatch/reparam.h"
#include "nuthatch/sbc.h"

namespace nuthatch {
namespace {

void expect_uniform(const char* family, const SBCResult& result, std::size_t coordinates) {
  EXPECT_EQ(result.names.size(), coordinates) << family;
  for (const auto& [name, p] : result.p_value) EXPECT_GT(p, 2e-6) << family << ": " << name;
}
SBCOptions options(std::int64_t thinning = 4) {
  return {.num_fits = 256, .num_warmup = 300, .num_draws = 63, .thinning = thinning, .num_bins = 16};
}
/// Predictors between -1.5 and 1.5 without a pattern.
Tensor predictors(std::int64_t rows, std::int64_t columns) { return 3.0 * uniform(Key(77), {rows, columns}) - 1.5; }

void regression(const Tensor& x, const Observed& y) {
  Tensor a = sample("a", Normal(0.0, 2.0)), b = sample("b", Normal(zeros(2), 1.0).to_event());
  Tensor sigma = sample("sigma", HalfNormal(1.0));
  Plate rows("row", x.size(0));
  sample("y", Normal(a + matmul(x, b), sigma), y);
}
TEST(SbcFamilies, Regression) {
  expect_uniform("regression", sbc(NUTS(regression), options(), Key(1), predictors(12, 2), zeros(12)), 4);
}

void logistic(const Tensor& x, const Observed& y) {
  Tensor a = sample("a", Normal(0.0, 1.5)), b = sample("b", Normal(zeros(2), 1.0).to_event());
  Plate rows("row", x.size(0));
  sample("y", Bernoulli({.logits = a + matmul(x, b)}), y);
}
TEST(SbcFamilies, Logistic) {
  expect_uniform("logistic", sbc(NUTS(logistic), options(), Key(2), predictors(20, 2), zeros(20)), 3);
}

void hierarchical(const Observed& y) {
  Tensor mu = sample("mu", Normal(0.0, 2.0)), tau = sample("tau", HalfNormal(1.0));
  Plate groups("group", 6);
  Tensor theta = sample("theta", Normal(mu, tau));
  sample("y", Normal(theta, 1.0), y);
}
TEST(SbcFamilies, Hierarchical) {
  const Model model = reparam(hierarchical, {{"theta", LocScaleReparam(0.0)}});
  expect_uniform("hierarchical", sbc(NUTS(model), options(), Key(3), zeros(6)), 8);
}

void correlated(const Observed& y) {
  Tensor scales = sample("scales", LogNormal(zeros(3), 0.5).to_event());
  Tensor correlation = sample("correlation", LKJCholesky(3, 2.0));
  Plate rows("row", 10);
  sample("y", MultivariateNormal({.loc = zeros(3), .scale_tril = expand_dims(scales, 1) * correlation}), y);
}
TEST(SbcFamilies, Lkj) { expect_uniform("LKJ", sbc(NUTS(correlated), options(), Key(4), zeros({10, 3})), 6); }

void ordered(const Tensor& x, const Observed& y) {
  Tensor b = sample("b", Normal(0.0, 1.0)), first = sample("first", Normal(-1.0, 1.0));
  Tensor gaps = sample("gaps", Gamma(full(2, Tensor(2.0)), 2.0).to_event());
  Tensor cuts = deterministic("cuts", first + concat({zeros(1), cumsum(gaps)}));
  Plate rows("row", x.size(0));
  sample("y", OrderedLogistic(b * x, cuts), y);
}
TEST(SbcFamilies, Ordered) {
  expect_uniform("ordered", sbc(NUTS(ordered), options(), Key(5), predictors(20, 1)(all, 0), zeros(20)), 4);
}

/// Two hidden states, their sequence summed out by the forward algorithm written here; draws run the chain.
void hidden_markov(const Observed& y) {
  constexpr std::int64_t steps = 12;
  Tensor stay = sample("stay", Beta(full(2, Tensor(6.0)), 2.0).to_event());
  Tensor low = sample("low", Normal(-1.0, 1.0)), gap = sample("gap", Gamma(4.0, 2.0));
  Tensor level = stack({low, low + gap});
  Tensor leave = 1.0 - stay;
  const auto log_prob = [=](const Tensor& x) {
    Tensor move = stack({stack({stay[0], leave[0]}), stack({leave[1], stay[1]})});
    Tensor alpha = log(Tensor{0.5, 0.5}) - 0.5 * square(x[0] - level);
    for (std::int64_t t = 1; t < steps; ++t)
      alpha = logsumexp(expand_dims(alpha, 1) + log(move), 0) - 0.5 * square(x[t] - level);
    return logsumexp(alpha) - double(steps) * 0.9189385332046727;
  };
  const auto draw = [=](const Key& key, const Shape&) {
    auto [k_state, k_noise] = split<2>(key);
    Tensor u = uniform(k_state, {steps}), noise = normal(k_noise, {steps});
    Tensor second = u[0] < 0.5;
    std::vector<Tensor> x{select(second, level[1], level[0]) + noise[0]};
    for (std::int64_t t = 1; t < steps; ++t) {
      second = select(second, u[t] < stay[1], u[t] < leave[0]);
      x.push_back(select(second, level[1], level[0]) + noise[t]);
    }
    return stack(x);
  };
  sample("y", CustomDist(log_prob, draw, {.support = constraints::real_vector(), .event_shape = Shape{steps}}), y);
}
TEST(SbcFamilies, HiddenMarkov) {
  expect_uniform("HMM", sbc(NUTS(hidden_markov), options(), Key(6), zeros(12)), 4);
}

void horseshoe(const Tensor& x, const Observed& y) {
  Tensor tau = sample("tau", HalfCauchy(0.5));
  Tensor lambda = sample("lambda", HalfCauchy(ones(3)).to_event()), z = sample("z", Normal(zeros(3), 1.0).to_event());
  Tensor sigma = sample("sigma", HalfNormal(1.0));
  Plate rows("row", x.size(0));
  sample("y", Normal(matmul(x, tau * lambda * z), sigma), y);
}
TEST(SbcFamilies, Horseshoe) {
  const Kernel kernel = NUTS(horseshoe, {.target_accept_prob = 0.95});
  expect_uniform("horseshoe", sbc(kernel, options(8), Key(7), predictors(12, 3), zeros(12)), 8);
}

void local_level(const Observed& y) {
  Tensor state_scale = sample("state_scale", LogNormal(-0.5, 0.5)), noise = sample("noise", LogNormal(0.0, 0.5));
  Tensor steps = sample("steps", Normal(zeros(10), 1.0).to_event());
  Tensor level = deterministic("level", state_scale * cumsum(steps));
  Plate time("time", 10);
  sample("y", Normal(level, noise), y);
}
TEST(SbcFamilies, StateSpace) {
  expect_uniform("state space", sbc(NUTS(local_level), options(), Key(8), zeros(10)), 12);
}

}  // namespace
}  // namespace nuthatch
