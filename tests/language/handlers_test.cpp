// Handlers, causal queries, distributions and discrete variables, as a user writes them.
#include <cmath>

#include <gtest/gtest.h>
#include <nuthatch/nuthatch.h>
using namespace nuthatch;

void component(const Tensor& x, const Observed& y) {
  Tensor a = sample("a", Normal(0.0, 1.0)), w = param("w", 0.5, constraints::unit_interval);
  deterministic("twice", 2.0 * a);
  { Mask active(isfinite(x)); Scale weight(w); factor("penalty", -0.01 * sum(square(x))); }
  sample("y", Normal(a * x, 1.0), y);
}

TEST(Handlers, EveryOne) {
  Tensor x{1.0, 2.0, 3.0};
  Trace t = trace(seed(component, Key(0)))(x);                       // every site: value, distribution, dims
  for (const Site& s : t) print("{:8} {} {}\n", s.name, s.value.shape(), s.observed ? "observed" : "");
  print("log joint {:.4f}\n", t.log_density());
  auto conditioned = condition(component, {{"a", 0.5}});             // a counts as observed
  auto fixed       = substitute(component, {{"a", 0.5}, {"w", 0.9}}); // a has the value, still latent
  auto replayed    = replay(component, t);
  auto free_again  = uncondition(conditioned);
  auto hidden      = block(component, {.hide = {"a"}});              // outside handlers do not see a
  auto weighted    = scale(mask(component, true), 0.1, {.only = SiteKind::latent});
  auto renamed     = scope(component, "first");                      // first/a, first/y
  auto bayesian_w  = lift(component, {{"w", Beta(2.0, 2.0)}});       // a param becomes a sample site
  auto both = [&](const Tensor& x) { scope(component, "l")(x); scope(component, "r")(x); };
  print("{:.4f}\n", trace(seed(conditioned, Key(1)))(x, Tensor{0.0, 1.0, 2.0}).log_density());
  Tensor draws = vmap([&](Key k) { return trace(seed(component, k))(x)["y"].value; })(split(Key(2), 100));
  print("{} {}\n", draws.shape(), trace(seed(both, Key(3)))(x)["l/a"].value);

  EXPECT_EQ(t.size(), 5u);
  auto normal_log_density = [](double value, double loc) { return -0.5 * (value - loc) * (value - loc) - 0.5 * std::log(2 * M_PI); };
  double expected = normal_log_density(0.5, 0) - 3 * 0.5 * 0.01 * 14;
  for (int i = 0; i < 3; ++i) expected += normal_log_density(i, 0.5 * (i + 1));
  EXPECT_NEAR(trace(seed(conditioned, Key(1)))(x, Tensor{0.0, 1.0, 2.0}).log_density().item(), expected, 1e-12);
  EXPECT_TRUE(trace(seed(conditioned, Key(1)))(x)["a"].observed);
  EXPECT_FALSE(trace(seed(fixed, Key(1)))(x)["a"].observed);
  EXPECT_EQ(trace(seed(fixed, Key(1)))(x)["w"].value.item(), 0.9);
  EXPECT_EQ(trace(seed(replayed, Key(9)))(x)["a"].value.item(), t["a"].value.item());
  EXPECT_FALSE(trace(seed(free_again, Key(1)))(x)["a"].observed);
  EXPECT_FALSE(trace(seed(hidden, Key(1)))(x).contains("a"));
  const Trace light = trace(seed(weighted, Key(0)))(x);
  EXPECT_NEAR(light["a"].log_prob().item(), 0.1 * t["a"].log_prob().item(), 1e-15);
  EXPECT_TRUE(trace(seed(renamed, Key(1)))(x).contains("first/y"));
  EXPECT_EQ(trace(seed(bayesian_w, Key(1)))(x)["w"].primitive, Primitive::sample);
  EXPECT_EQ(draws.shape(), (Shape{100, 3}));
  EXPECT_TRUE(trace(seed(both, Key(3)))(x).contains("r/a"));
}

void world() {
  Tensor x = sample("x", Normal(0.0, 1.0));
  Tensor y = sample("y", Normal(x, 1.0));
  sample("z", Normal(y, 1.0));
}

TEST(Handlers, CausalQueries) {
  auto forced = do_(world, {{"x", 2.0}});                              // cuts what flows into x
  auto sim = Predictive(forced, {.num_samples = 4000})(Key(0));
  print("E[z | do(x=2)]    {:.2f}\n", mean(sim["z"]));                 // 2.0
  auto seen = MCMC(NUTS(condition(world, {{"y", 1.0}}))).run(Key(1));
  print("E[x | y=1]        {:.2f}\n", mean(seen["x"]));                // 0.5
  auto query = MCMC(NUTS(condition(forced, {{"z", 0.0}}))).run(Key(2));
  print("E[y | do(x=2), z=0] {:.2f}\n", mean(query["y"]));             // 1.0

  EXPECT_NEAR(mean(sim["z"]).item(), 2.0, 5 * std::sqrt(2.0 / 4000));
  EXPECT_NEAR(mean(sim["x"]).item(), 0.0, 5 / std::sqrt(4000.0));  // the site itself is a fresh draw
  EXPECT_NEAR(mean(seen["x"]).item(), 0.5, 5 * mcse_mean(seen.posterior["x"]).item());
  EXPECT_NEAR(mean(query["y"]).item(), 1.0, 5 * mcse_mean(query.posterior["y"]).item());
  auto chosen = do_(world, "y", [](const Trace& t) { return t["x"].value + 1.0; });
  const Trace t = trace(seed(chosen, Key(0)))();
  EXPECT_EQ(t["z"].distribution.parameters()[0].value.item(), t["x"].value.item() + 1.0);
}

struct DoubleExponential {
  Tensor loc = 0.0, scale = 1.0;
  static constexpr auto fields = names("loc", "scale");
  static constexpr auto support = constraints::real;               // or a member function, if it depends on parameters
  Tensor log_prob(const Tensor& x) const { return -log(2.0 * scale) - abs(x - loc) / scale; }
  Tensor sample(const Key& key, const Shape& shape) const {
    Tensor u = uniform(key, shape) - 0.5;
    return loc - scale * sign(u) * log1p(-2.0 * abs(u));
  }
};
void own(const Observed& y) {
  Tensor m = sample("m", DoubleExponential{0.0, 5.0});
  Plate rows("obs", 3);
  Tensor s = sample("s", Distribution(DoubleExponential{1.0, 1.0}).restricted(constraints::positive));
  sample("y", DoubleExponential{m, s}, y);
}

TEST(Distributions, OfOnesOwn) {
  auto fit = MCMC(NUTS(own)).run(Key(0), Tensor{0.1, 0.4, -2.0});
  fit.print_summary();
  Distribution d = Gamma({.mean = 2.0, .sd = 0.5});
  print("{} {} {} {} {} {}\n", d.log_prob(1.5), d.mean(), d.variance(), d.cdf(2.0), d.icdf(0.975), d.entropy());
  print("{} {}\n", kl_divergence(Normal(0.0, 1.0), Normal(1.0, 2.0)), Normal(0.0, Tensor{1.0, 2.0}).to_event().event_shape());

  EXPECT_LT(fit.diagnose().max_r_hat, 1.05);
  EXPECT_TRUE(all_of(fit["s"] > 0.0).item<bool>());
  EXPECT_EQ(d.mean().item(), 2.0);
  EXPECT_NEAR(d.variance().item(), 0.25, 1e-15);
  EXPECT_NEAR(d.cdf(d.icdf(0.975)).item(), 0.975, 1e-12);
  // Gamma(16, 8) at 1.5: 16 log 8 + 15 log 1.5 - 12 - log Gamma(16).
  EXPECT_NEAR(d.log_prob(1.5).item(), 16 * std::log(8.0) + 15 * std::log(1.5) - 12 - std::lgamma(16.0), 1e-12);
  EXPECT_NEAR(kl_divergence(Normal(0.0, 1.0), Normal(1.0, 2.0)).item(), std::log(2.0) + 2.0 / 8 - 0.5, 1e-15);
  EXPECT_EQ(Normal(0.0, Tensor{1.0, 2.0}).to_event().event_shape(), Shape{2});
}

void hmm(int K, int T, const Observed& y) {
  Tensor P = plate("state", K, [&] { return sample("transition", Dirichlet(ones(K))); });      // rows
  Tensor mu = sample("mu", Normal(0.0, 5.0).expand({K}).to_event().restricted(constraints::ordered));
  Tensor z = sample("z", MarkovChain(P, Categorical(ones(K) / K), T));
  Plate time("time", T);
  sample("y", Normal(mu[z], 1.0), y);
}
void soft_labels(const Tensor& pi, const Tensor& mu, int N, const Observed& y) {
  Plate rows("obs", N);
  Tensor c = sample("class", Categorical(pi), {.enumerate = true});      // or marginalize(model, {"class"})
  sample("y", Normal(mu[c], 1.0), y);
}

TEST(Discrete, HiddenMarkovModel) {
  const Tensor truth{{0.90, 0.05, 0.05}, {0.05, 0.90, 0.05}, {0.05, 0.05, 0.90}};
  const Tensor states = MarkovChain(truth, Categorical(ones(3) / 3), 300).sample(Key(4));
  Tensor y = Tensor{-4.0, 0.0, 4.0}[states] + normal(Key(5), {300});
  auto marginal = marginalize(hmm, {"z"});                       // forward algorithm, log domain
  auto fit = MCMC(NUTS(marginal), {.num_warmup = 500, .num_samples = 500}).run(Key(0), 3, y.size(), y);
  Fit with_states(infer_discrete(marginal, fit, Key(1), 3, y.size(), y));     // draws of z given everything

  EXPECT_TRUE(allclose(mean(fit["mu"], 0), Tensor{-4.0, 0.0, 4.0}, {.rtol = 0.0, .atol = 0.6}));
  EXPECT_EQ(with_states["z"].shape(), (Shape{2000, 300}));
  EXPECT_GT(mean((median(with_states["z"].cast(f64), 0) == states.cast(f64)).cast(f64)).item(), 0.95);
}

// The same with its states in a scan: the last transition may depend on anything of the step.
void regimes(const Tensor& y0, int K, const Observed& y) {
  Tensor P = plate("state", K, [&] { return sample("transition", Dirichlet(ones(K))); });      // rows
  Tensor mu = sample("mu", Normal(0.0, 5.0).expand({K}).to_event().restricted(constraints::ordered));
  Tensor rho = sample("rho", Uniform(-0.5, 0.5));
  scan(std::pair{Tensor(0), y0}, y, [&](std::pair<Tensor, Tensor> before, Observed now) {
    Tensor z = sample("z", Categorical(P[before.first]), {.enumerate = true});
    sample("y", Normal(mu[z] + rho * before.second, 1.0), now);              // an autoregression around the state's level
    return std::pair{std::pair{z, now.value()}, z};
  }, {.dim = "time"});
}

TEST(Discrete, RegimesInAScan) {
  std::vector<double> y;
  std::vector<std::int64_t> states;
  double last = 0;
  Tensor noise = normal(Key(1), {150});
  for (int t = 0; t < 150; ++t) {
    states.push_back(t / 25 % 3);
    last = Tensor{-4.0, 0.0, 4.0}[states.back()].item() + 0.3 * last + noise[t].item();
    y.push_back(last);
  }
  auto marginal = marginalize(regimes, {"z"});
  auto fit = MCMC(NUTS(marginal), {.num_warmup = 400, .num_samples = 300, .num_chains = 2}).run(Key(0), 0.0, 3, y);
  Fit with_states(infer_discrete(marginal, fit, Key(1), 0.0, 3, y));
  Tensor path = median(with_states["z"].cast(f64), 0);

  EXPECT_EQ(with_states.posterior["z"].shape(), (Shape{2, 300, 150}));
  EXPECT_EQ(with_states.posterior.at("z").dims().back(), "time");
  EXPECT_GT(mean((path == Tensor(states).cast(f64)).cast(f64)).item(), 0.95);
  EXPECT_NEAR(mean(fit["rho"]).item(), 0.3, 5 * stddev(fit["rho"]).item());
  for (int k = 0; k < 3; ++k) EXPECT_NEAR(mean(fit["mu"](all, k)).item(), 4.0 * (k - 1), 5 * stddev(fit["mu"](all, k)).item());
}

TEST(Discrete, SoftLabels) {
  const Tensor pi{0.2, 0.8}, mu{-1.0, 2.0}, y{0.3, 1.4, -0.5};
  auto density = log_density(marginalize(soft_labels), pi, mu, 3, y);
  double expected = 0;
  for (int i = 0; i < 3; ++i)
    expected += std::log(0.2 * std::exp(-0.5 * std::pow(y[i].item() + 1, 2)) + 0.8 * std::exp(-0.5 * std::pow(y[i].item() - 2, 2))) - 0.5 * std::log(2 * M_PI);
  EXPECT_NEAR(density(zeros(Shape{0})).item(), expected, 1e-13);
}
