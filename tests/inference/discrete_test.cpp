// Discrete variables summed out: against sums written by hand, in value and gradient; their recovery against enumeration of
// all joint values.
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "nuthatch/array.h"
#include "nuthatch/discrete.h"
#include "nuthatch/distributions.h"
#include "nuthatch/infer_discrete.h"
#include "nuthatch/log_density.h"
#include "nuthatch/math.h"
#include "nuthatch/mcmc.h"
#include "nuthatch/transform.h"
#include "tests/errors/messages.h"

using namespace nuthatch;

namespace {

#define EXPECT_CONTAINS(text, part) EXPECT_NE(std::string(text).find(part), std::string::npos) << text

/// Two models with the same latent sites: values and gradients agree at several points, eager and compiled.
void expect_same(const LogDensity& a, const LogDensity& b, double tolerance = 1e-10) {
  ASSERT_EQ(a.dim(), b.dim());
  auto compiled = jit([&](Tensor z) { return value_and_grad(a)(z); });
  for (int k = 0; k < 3; ++k) {
    const Tensor z = a.init(Key(std::uint64_t(k)), 1.0);
    auto [value, gradient] = value_and_grad(a)(z);
    auto [expected, expected_gradient] = value_and_grad(b)(z);
    EXPECT_NEAR(value.item(), expected.item(), tolerance * std::max(1.0, std::abs(expected.item())));
    EXPECT_LT(max(abs(gradient - expected_gradient)).item(), tolerance * std::max(1.0, max(abs(expected_gradient)).item()));
    auto [fast, fast_gradient] = compiled(z);
    EXPECT_NEAR(fast.item(), expected.item(), tolerance * std::max(1.0, std::abs(expected.item())));
    EXPECT_LT(max(abs(fast_gradient - expected_gradient)).item(),
              tolerance * std::max(1.0, max(abs(expected_gradient)).item()));
  }
}

const Tensor kY{-1.2, 0.3, 4.1, 3.7, -0.4, 9.0, 0.1};

void mixture(const Observed& y) {
  Tensor w = sample("w", Dirichlet(ones(3)));
  Tensor mu = sample("mu", Normal(0.0, 5.0).expand({3}).to_event().restricted(constraints::ordered));
  Plate rows("obs", 7);
  Tensor c = sample("c", Categorical(w), {.enumerate = true});
  sample("y", Normal(mu[c], 0.7), y);
}

TEST(Marginalize, MixtureInAPlate) {
  auto by_hand = [](const Observed& y) {
    Tensor w = sample("w", Dirichlet(ones(3)));
    Tensor mu = sample("mu", Normal(0.0, 5.0).expand({3}).to_event().restricted(constraints::ordered));
    Plate rows("obs", 7);
    sample("y", MixtureSameFamily(Categorical(w), Normal(mu, 0.7)), y);
  };
  expect_same(log_density(marginalize(mixture, {"c"}), kY), log_density(by_hand, kY));
  expect_same(log_density(marginalize(mixture), kY), log_density(by_hand, kY));
  // The observation keeps its name, and a log likelihood per member.
  LogDensity d = log_density(marginalize(mixture), kY), e = log_density(by_hand, kY);
  const Tensor z = d.init(Key(3));
  ASSERT_EQ(d.observations().size(), 1u);
  EXPECT_EQ(d.observations()[0].dims, std::vector<std::string>{"obs"});
  EXPECT_LT(max(abs(d.log_likelihood(z).at("y") - e.log_likelihood(z).at("y"))).item(), 1e-12);
}

TEST(Marginalize, OneSwitchPointForAllData) {
  const Tensor year = arange(1, 13), counts{4, 5, 4, 1, 0, 4, 3, 4, 0, 6, 3, 1};
  auto model = [](const Tensor& year, const Observed& y) {
    Tensor s = sample("s", DiscreteUniform(1, 12));
    Tensor early = sample("early", Exponential(1.0)), late = sample("late", Exponential(1.0));
    Plate years("year", 12);
    sample("y", Poisson(select(year <= s, early, late)), y);
  };
  auto by_hand = [](const Tensor& year, const Observed& y) {
    Tensor early = sample("early", Exponential(1.0)), late = sample("late", Exponential(1.0));
    Tensor s = reshape(arange(1, 13), {12, 1});
    factor("sum", logsumexp(sum(Poisson(select(year <= s, early, late)).log_prob(y.value()), 1)) - std::log(12.0));
  };
  expect_same(log_density(marginalize(model, {"s"}), year, counts), log_density(by_hand, year, counts));
}

TEST(Marginalize, NestedPlatesAndTwoLevels) {
  // A class per group, and within it a component per member whose weights depend on the class.
  const Tensor y = normal(Key(4), {4, 3}) * 2.0;  // members 4, groups 3
  auto model = [](const Observed& y) {
    Tensor p = sample("p", Dirichlet(ones(2))), q = sample("q", Beta(Tensor{1.0, 2.0}, 2.0).to_event());
    Tensor mu = sample("mu", Normal(Tensor{-1.0, 1.0}, 1.0).to_event());
    Plate groups("group", 3);
    Tensor g = sample("g", Categorical(p));
    Plate members("member", 4);
    Tensor c = sample("c", Bernoulli(q[g]));
    sample("y", Normal(mu[c.cast(i64)] + 0.5 * g.cast(f64), 1.0), y);
  };
  auto by_hand = [](const Observed& y) {
    Tensor p = sample("p", Dirichlet(ones(2))), q = sample("q", Beta(Tensor{1.0, 2.0}, 2.0).to_event());
    Tensor mu = sample("mu", Normal(Tensor{-1.0, 1.0}, 1.0).to_event());
    std::vector<Tensor> by_class;
    for (int g = 0; g < 2; ++g) {
      Tensor zero = Normal(mu[0] + 0.5 * g, 1.0).log_prob(y.value()) + log1p(-q[g]);
      Tensor one = Normal(mu[1] + 0.5 * g, 1.0).log_prob(y.value()) + log(q[g]);
      by_class.push_back(sum(logaddexp(zero, one), 0) + log(p[g]));
    }
    factor("sum", sum(logaddexp(by_class[0], by_class[1])));
  };
  expect_same(log_density(marginalize(model, {"g", "c"}), y), log_density(by_hand, y));
}

TEST(Marginalize, ContinuousSitesThatDependOnADiscreteOne) {
  auto model = [](const Observed& y) {
    Tensor b = sample("b", Bernoulli(0.3));
    Tensor x = sample("x", Normal(select(b > 0.5, 2.0, -1.0), 0.5));
    sample("y", Normal(x, 1.0), y);
  };
  auto by_hand = [](const Observed& y) {
    Tensor x = sample("x", ImproperUniform(constraints::real));
    factor("prior", logaddexp(std::log(0.7) + Normal(-1.0, 0.5).log_prob(x), std::log(0.3) + Normal(2.0, 0.5).log_prob(x)));
    sample("y", Normal(x, 1.0), y);
  };
  expect_same(log_density(marginalize(model, {"b"}), 0.8), log_density(by_hand, 0.8));
}

void hmm(int K, int T, const Observed& y) {
  Tensor P = plate("state", K, [&] { return sample("transition", Dirichlet(ones(K))); });
  Tensor mu = sample("mu", Normal(0.0, 5.0).expand({K}).to_event().restricted(constraints::ordered));
  Tensor z = sample("z", MarkovChain(P, Categorical(ones(K) / double(K)), T));
  Plate time("time", T);
  sample("y", Normal(mu[z], 1.0), y);
}

TEST(Marginalize, HiddenMarkovModel) {
  const int K = 3, T = 40;
  const Tensor y = 2.0 * normal(Key(1), {T});
  auto by_hand = [](int K, int T, const Observed& y) {
    Tensor P = plate("state", K, [&] { return sample("transition", Dirichlet(ones(K))); });
    Tensor mu = sample("mu", Normal(0.0, 5.0).expand({K}).to_event().restricted(constraints::ordered));
    Tensor e = Normal(mu, 1.0).log_prob(reshape(y.value(), {T, 1}));
    Tensor alpha = e[0] - std::log(double(K));
    for (int t = 1; t < T; ++t) alpha = logsumexp(expand_dims(alpha, 1) + log(P), 0) + e[t];
    factor("sum", logsumexp(alpha));
  };
  expect_same(log_density(marginalize(hmm, {"z"}), K, T, y), log_density(by_hand, K, T, y));
}

TEST(Marginalize, AMixtureInEveryStateOfAChain) {
  const Tensor y = normal(Key(2), {6});
  auto model = [](const Observed& y) {
    Tensor a = sample("a", Beta(2.0, 2.0));
    Tensor P = stack({stack({a, 1.0 - a}), Tensor{0.2, 0.8}});
    Tensor z = sample("z", MarkovChain(P, Tensor{0.5, 0.5}, 6));
    Plate time("time", 6);
    Tensor c = sample("c", Bernoulli(0.25));
    sample("y", Normal(2.0 * z.cast(f64) + 5.0 * c.cast(f64), 1.0), y);
  };
  auto by_hand = [](const Observed& y) {
    Tensor a = sample("a", Beta(2.0, 2.0));
    Tensor P = stack({stack({a, 1.0 - a}), Tensor{0.2, 0.8}});
    Tensor state = 2.0 * Tensor{0.0, 1.0}, data = reshape(y.value(), {6, 1});
    Tensor e = logaddexp(std::log(0.75) + Normal(state, 1.0).log_prob(data),
                         std::log(0.25) + Normal(state + 5.0, 1.0).log_prob(data));
    factor("sum", hidden_markov_log_prob(log(Tensor{0.5, 0.5}), log(P), e));
  };
  expect_same(log_density(marginalize(model, {"z", "c"}), y), log_density(by_hand, y));
}

TEST(Marginalize, ScaleAndMask) {
  auto model = [](const Observed& y) {
    Tensor m = sample("m", Normal(0.0, 1.0));
    Plate rows("obs", 4);
    Mask known(~isnan(Tensor{1.0, NAN, 1.0, 1.0}));
    Tensor c = sample("c", Bernoulli(0.3));
    sample("y", Normal(m + c.cast(f64), 1.0), y);
  };
  const Tensor y{0.2, 0.0, 1.4, -1.0};
  auto by_hand = [](const Observed& y) {
    Tensor m = sample("m", Normal(0.0, 1.0));
    Tensor density = logaddexp(std::log(0.7) + Normal(m, 1.0).log_prob(y.value()),
                               std::log(0.3) + Normal(m + 1.0, 1.0).log_prob(y.value()));
    factor("sum", density[0] + density[2] + density[3] + std::log(2.0));  // masked: two values of weight 1
  };
  expect_same(log_density(marginalize(model, {"c"}), y), log_density(by_hand, y));
  // One scale for what is summed together multiplies the sum.
  auto scaled = scale(mixture, 2.5);
  const Tensor z = log_density(marginalize(mixture), kY).init(Key(0));
  EXPECT_NEAR(log_density(marginalize(scaled), kY).log_likelihood(z).at("y")[2].item(),
              log_density(marginalize(mixture), kY).log_likelihood(z).at("y")[2].item(), 1e-12);
  auto two = [](const Observed& y) {
    Tensor c = sample("c", Bernoulli(0.3));
    Scale s(2.0);
    sample("y", Normal(c.cast(f64), 1.0), y);
  };
  EXPECT_CONTAINS(text_of_error([&] { log_density(marginalize(two, {"c"}), 1.0)(zeros(0)); }), "must have one common scale");
}

TEST(Marginalize, Errors) {
  auto deep = [](const Observed& y) {
    PlateStack p("p", {2, 2, 2});
    Tensor c = sample("c", Bernoulli(0.3));
    sample("y", Normal(c.cast(f64), 1.0), y);
  };
  const Tensor y = zeros({2, 2, 2});
  EXPECT_CONTAINS(text_of_error([&] { log_density(marginalize(deep, {"c"}), y); }), ".max_plate_nesting is 2");
  EXPECT_EQ(log_density(marginalize(deep, {"c"}, {.max_plate_nesting = 3}), y).dim(), 0);
  EXPECT_CONTAINS(text_of_error([&] { trace(seed(marginalize(mixture, {"d"}), Key(0)))(kY); }),
                  "marginalize: the model has no sample site \"d\"");
  auto poisson = [] { sample("k", Poisson(2.0)); };
  EXPECT_CONTAINS(text_of_error([&] { log_density(marginalize(poisson, {"k"})); }), "no finite list of numbers to sum over");
}

// ---- chains ----

/// log of the sum and the maximum over all paths, and probabilities of each state at each step, by enumeration.
struct AllPaths {
  double log_sum = -INFINITY, best = -INFINITY;
  std::vector<std::int64_t> best_path;
  std::vector<std::vector<double>> marginal;
  AllPaths(const Tensor& pi, const Tensor& P, const Tensor& e) {
    const int k = int(pi.size()), steps = int(e.size(0));
    marginal.assign(std::size_t(steps), std::vector<double>(std::size_t(k), 0.0));
    std::vector<std::int64_t> path(std::size_t(steps), 0);
    const auto lp = pi.to_vector(), lP = P.to_vector(), le = e.to_vector();
    double total = 0;
    for (long code = 0, n = long(std::pow(k, steps)); code < n; ++code) {
      long rest = code;
      for (auto& s : path) { s = rest % k; rest /= k; }
      double log_p = lp[std::size_t(path[0])];
      for (int t = 0; t < steps; ++t) {
        if (t) log_p += lP[std::size_t(path[std::size_t(t - 1)] * k + path[std::size_t(t)])];
        log_p += le[std::size_t(t * k + path[std::size_t(t)])];
      }
      total += std::exp(log_p);
      for (int t = 0; t < steps; ++t) marginal[std::size_t(t)][std::size_t(path[std::size_t(t)])] += std::exp(log_p);
      if (log_p > best) { best = log_p; best_path = path; }
    }
    log_sum = std::log(total);
    for (auto& row : marginal) for (double& p : row) p /= total;
  }
};

const Tensor kInitial{0.5, 0.3, 0.2}, kTransition{{0.8, 0.15, 0.05}, {0.1, 0.7, 0.2}, {0.3, 0.3, 0.4}};

TEST(HiddenMarkov, AgainstEnumerationOfAllPaths) {
  const Tensor e = -square(normal(Key(3), {6, 3}));
  const AllPaths all(log(kInitial), log(kTransition), e);
  const Tensor pi = log(kInitial), P = log(kTransition);
  EXPECT_NEAR(hidden_markov_log_prob(pi, P, e).item(), all.log_sum, 1e-12);
  EXPECT_NEAR(hidden_markov_log_prob(pi, P, e, {.parallel = true}).item(), all.log_sum, 1e-12);
  EXPECT_NEAR(hidden_markov_max(pi, P, e).item(), all.best, 1e-12);
  EXPECT_EQ(hidden_markov_path(pi, P, e).to_vector<std::int64_t>(), all.best_path);
  const Tensor draws = jit(vmap([&](Key key) { return hidden_markov_sample(key, pi, P, e); }))(split(Key(5), 20000));
  for (int t = 0; t < 6; ++t)
    for (int s = 0; s < 3; ++s) {
      const double p = all.marginal[std::size_t(t)][std::size_t(s)];
      EXPECT_NEAR(mean((draws(nuthatch::all, t) == s).cast(f64)).item(), p, 4.5 * std::sqrt(p * (1 - p) / 20000) + 1e-4);
    }
}

TEST(HiddenMarkov, TreeAndSequenceAgreeAndLongChainsAreFinite) {
  for (int steps : {1, 2, 3, 7, 64, 10000}) {
    const Tensor e = -50.0 * square(normal(Key(std::uint64_t(steps)), {steps, 3}));
    auto f = [&](bool parallel) {
      return value_and_grad([=](Tensor emission) {
        return hidden_markov_log_prob(log(kInitial), log(kTransition), emission, {.parallel = parallel});
      });
    };
    auto [a, da] = jit(f(false))(e);
    auto [b, db] = jit(f(true))(e);
    EXPECT_TRUE(std::isfinite(a.item()));
    EXPECT_NEAR(a.item(), b.item(), 1e-11 * std::abs(a.item()));
    EXPECT_LT(max(abs(da - db)).item(), 1e-9);
    // The derivatives are the probabilities of the states: they sum to one at every step.
    EXPECT_LT(max(abs(sum(da, 1) - 1.0)).item(), 1e-9);
  }
  // What is impossible stays impossible, without NaN.
  const Tensor P = log(Tensor{{1.0, 0.0}, {0.0, 1.0}}), pi = log(Tensor{1.0, 0.0}), e = -ones({5, 2});
  auto [value, slope] = value_and_grad([&](Tensor x) { return hidden_markov_log_prob(pi, P, x); })(e);
  EXPECT_NEAR(value.item(), -5.0, 1e-14);
  EXPECT_EQ(slope(all, 0).to_vector(), std::vector<double>(5, 1.0));
  EXPECT_EQ(slope(all, 1).to_vector(), std::vector<double>(5, 0.0));
  EXPECT_CONTAINS(text_of_error([&] { hidden_markov_log_prob(pi, P, ones({5, 3})); }), "must have shapes [..., k], [..., k, k] and [..., steps, k]");
}

TEST(MarkovChains, DensityAndDraws) {
  const Distribution chain = MarkovChain(kTransition, Categorical(kInitial), 5);
  EXPECT_EQ(chain.event_shape(), (Shape{5}));
  EXPECT_NEAR(chain.log_prob(Tensor{0, 0, 1, 2, 2}).item(),
              std::log(0.5) + std::log(0.8) + std::log(0.15) + std::log(0.2) + std::log(0.4), 1e-14);
  const Tensor z = chain.sample(Key(0), {40000});
  ASSERT_EQ(z.shape(), (Shape{40000, 5}));
  Tensor p = kInitial;
  for (int t = 0; t < 5; ++t) {
    for (int s = 0; s < 3; ++s) {
      const double exact = p[s].item();
      EXPECT_NEAR(mean((z(nuthatch::all, t) == s).cast(f64)).item(), exact, 4.5 * std::sqrt(exact * (1 - exact) / 40000));
    }
    p = sum(expand_dims(p, 1) * kTransition, 0);
  }
  EXPECT_CONTAINS(text_of_error([] { MarkovChain(kTransition, Tensor{0.5, 0.5}, 4).log_prob(Tensor{0, 0, 0, 0}); }),
                  "do not fit each other");
}

// ---- recovery ----

TEST(InferDiscrete, ComponentsOfAMixture) {
  // With parameters fixed the posterior of each component is known.
  InferenceData fit;
  fit.posterior.set_draws("w", broadcast_to(Tensor{0.2, 0.5, 0.3}, {2, 4000, 3}));
  fit.posterior.set_draws("mu", broadcast_to(Tensor{-1.0, 0.5, 4.0}, {2, 4000, 3}));
  auto marginal = marginalize(mixture);
  const InferenceData with = infer_discrete(marginal, fit, Key(0), kY);
  ASSERT_EQ(with.posterior["c"].dims(), (std::vector<std::string>{"chain", "draw", "obs"}));
  const Tensor c = with["c"];
  const auto y = kY.to_vector();
  const double w[3] = {0.2, 0.5, 0.3}, mu[3] = {-1.0, 0.5, 4.0};
  const InferenceData best = infer_discrete_map(marginal, fit, kY);
  for (int i = 0; i < 7; ++i) {
    double p[3], total = 0;
    for (int k = 0; k < 3; ++k) total += p[k] = w[k] * std::exp(-0.5 * std::pow((y[std::size_t(i)] - mu[k]) / 0.7, 2));
    int argmax = 0;
    for (int k = 0; k < 3; ++k) {
      p[k] /= total;
      if (p[k] > p[argmax]) argmax = k;
      EXPECT_NEAR(mean((c(all, i) == k).cast(f64)).item(), p[k], 4.5 * std::sqrt(p[k] * (1 - p[k]) / 8000) + 1e-4);
    }
    EXPECT_EQ(best["c"](17, i).item<int>(), argmax);
  }
}

TEST(InferDiscrete, TwoLevelsJointly) {
  // One class for three members, each with a component: all 2 * 8 joint values.
  auto model = [](const Observed& y) {
    Tensor p = sample("p", Beta(1.0, 1.0));
    Tensor g = sample("g", Bernoulli(p));
    Plate members("member", 3);
    Tensor c = sample("c", Bernoulli(select(g > 0.5, 0.9, 0.2)));
    sample("y", Normal(2.0 * c.cast(f64), 1.0), y);
  };
  const std::vector<double> y{0.4, 1.2, 1.6};
  InferenceData fit;
  fit.posterior.set_draws("p", full({1, 20000}, 0.35));
  const InferenceData with = infer_discrete(marginalize(model, {"g", "c"}), fit, Key(3), Tensor(y));
  std::vector<double> joint(16);
  double total = 0;
  for (int code = 0; code < 16; ++code) {
    const int g = code / 8;
    double p = g ? 0.35 : 0.65;
    for (int i = 0; i < 3; ++i) {
      const int c = code >> i & 1;
      const double q = g ? 0.9 : 0.2;
      p *= (c ? q : 1 - q) * std::exp(-0.5 * std::pow(y[std::size_t(i)] - 2 * c, 2));
    }
    total += joint[std::size_t(code)] = p;
  }
  std::vector<double> seen(16);
  const auto g = with["g"].cast(i64).to_vector<std::int64_t>(), c = with["c"].cast(i64).to_vector<std::int64_t>();
  for (std::size_t k = 0; k < 20000; ++k) seen[std::size_t(8 * g[k] + c[3 * k] + 2 * c[3 * k + 1] + 4 * c[3 * k + 2])] += 1;
  for (std::size_t code = 0; code < 16; ++code) {
    const double p = joint[code] / total;
    EXPECT_NEAR(seen[code] / 20000, p, 4.5 * std::sqrt(p * (1 - p) / 20000) + 1e-4) << code;
  }
}

TEST(InferDiscrete, StatesOfAHiddenMarkovModel) {
  const Tensor y{-2.0, -1.5, 0.2, 3.1, 2.8, 0.0}, mu{-2.0, 0.0, 3.0};
  InferenceData fit;
  fit.posterior.set_draws("transition", broadcast_to(kTransition, {1, 10000, 3, 3}));
  fit.posterior.set_draws("mu", broadcast_to(mu, {1, 10000, 3}));
  auto marginal = marginalize(hmm, {"z"});
  const InferenceData with = infer_discrete(marginal, fit, Key(0), 3, 6, y);
  ASSERT_EQ(with["z"].shape(), (Shape{10000, 6}));
  const AllPaths exact(log(ones(3) / 3.0), log(kTransition), Normal(mu, 1.0).log_prob(reshape(y, {6, 1})));
  for (int t = 0; t < 6; ++t)
    for (int s = 0; s < 3; ++s) {
      const double p = exact.marginal[std::size_t(t)][std::size_t(s)];
      EXPECT_NEAR(mean((with["z"](all, t) == s).cast(f64)).item(), p, 4.5 * std::sqrt(p * (1 - p) / 10000) + 1e-4);
    }
  EXPECT_EQ(infer_discrete_map(marginal, fit, 3, 6, y)["z"][0].to_vector<std::int64_t>(), exact.best_path);
  EXPECT_CONTAINS(text_of_error([&] { infer_discrete(mixture, fit, Key(0), kY); }), "sample(\"w\"): the draws have no site");
}

TEST(InferDiscrete, AfterMcmc) {
  // Switch point of the counts above by NUTS and recovery, against the exact posterior of s by quadrature-free algebra:
  // rates are Gamma, so p(s | y) is known in closed form.
  const std::vector<int> counts{4, 5, 4, 1, 0, 4, 3, 0, 0, 1, 0, 1};
  const Tensor year = arange(1, 13);
  auto model = [](const Tensor& year, const Observed& y) {
    Tensor s = sample("s", DiscreteUniform(1, 12));
    Tensor early = sample("early", Exponential(1.0)), late = sample("late", Exponential(1.0));
    Plate years("year", 12);
    sample("y", Poisson(select(year <= s, early, late)), y);
  };
  auto marginal = marginalize(model, {"s"});
  Fit fit = MCMC(NUTS(marginal), {.num_warmup = 500, .num_samples = 2500, .progress = false}).run(Key(1), year, Tensor(counts));
  const InferenceData with = infer_discrete(marginal, fit, Key(2), year, Tensor(counts));
  std::vector<double> p(12);
  double total = 0;
  for (int s = 1; s <= 12; ++s) {
    double a = 0, b = 0;
    for (int i = 0; i < 12; ++i) (i < s ? a : b) += counts[std::size_t(i)];
    // integral of rate^n exp(-(m + 1) rate) = n! / (m + 1)^(n + 1)
    total += p[std::size_t(s - 1)] = std::exp(std::lgamma(a + 1) - (a + 1) * std::log(s + 1.0) + std::lgamma(b + 1) -
                                              (b + 1) * std::log(13.0 - s));
  }
  for (int s = 1; s <= 12; ++s)
    EXPECT_NEAR(mean((with["s"] == s).cast(f64)).item(), p[std::size_t(s - 1)] / total, 0.035) << s;
}

}  // namespace
