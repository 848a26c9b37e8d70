// Evidence, simulators and many data sets, as a user writes them.
#include <cmath>

#include <gtest/gtest.h>
#include <nuthatch/nuthatch.h>
using namespace nuthatch;

void binomial_flat(const Observed& heads) { sample("heads", Binomial(50, sample("p", Uniform(0.0, 1.0))), heads); }
void binomial_fair(const Observed& heads) { sample("heads", Binomial(50, sample("p", Beta(200.0, 200.0))), heads); }
void from_simulator(const Observed& heads) {
  Tensor p = sample("p", Uniform(0.0, 1.0));
  sample("heads", Simulator({.draw = [=](Key k) { return sum(uniform(k, {50}) < p); }, .summary = [](Tensor s) { return s; }, .epsilon = 1.0}), heads);
}

TEST(Evidence, BayesFactorAndSimulator) {
  Fit flat = SMC(binomial_flat, {.num_particles = 4000}).run(Key(0), 15);
  Fit fair = SMC(binomial_fair, {.num_particles = 4000}).run(Key(1), 15);
  Fit abc = SMC(from_simulator, {.kernel = "mh"}).run(Key(2), 15);
  print("log evidence {:.4f}, exact {:.4f}\n", log_evidence(flat), -std::log(51.0));
  print("Bayes factor {:.2f}; ABC mean {:.3f}\n", bayes_factor(flat, fair), mean(abc["p"]));

  EXPECT_NEAR(log_evidence(flat), -std::log(51.0), 0.05);
  const auto log_beta = [](double a, double b) { return std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b); };
  const double fair_exact = std::lgamma(51.0) - std::lgamma(16.0) - std::lgamma(36.0) + log_beta(215, 235) - log_beta(200, 200);
  EXPECT_NEAR(bayes_factor(flat, fair), std::exp(-std::log(51.0) - fair_exact), 0.1 * std::exp(-std::log(51.0) - fair_exact));
  // The mixture of Beta(k + 1, 51 - k) with weights exp(-(15 - k)^2 / 2).
  double mass = 0, first = 0;
  for (int k = 0; k <= 50; ++k) {
    const double w = std::exp(-0.5 * (15 - k) * (15 - k));
    mass += w, first += w * (k + 1) / 52;
  }
  EXPECT_NEAR(mean(abc["p"]).item(), first / mass, 0.01);
  EXPECT_EQ(abc.observed_data["heads"].tensor().item(), 15.0);
}

void store(const Tensor& x, const Observed& y) {
  Tensor a = sample("a", Normal(0.0, 1.0)), b = sample("b", Normal(0.0, 1.0));
  Plate weeks("week", x.size());
  sample("y", Normal(a + b * x, 0.5), y);
}

TEST(ManyDataSets, OneProgram) {
  const int stores = 100;
  Tensor x = normal(Key(0), {52}), y = normal(Key(1), {stores, 52});        // 100 stores, one shared predictor
  Labels ids(arange(stores));
  auto fits = MCMC(NUTS(store), {.num_samples = 500, .num_chains = 2, .progress = false, .each = ids, .each_dim = "store"}).run(Key(2), x, each(y));
  print("{} {}\n", fits.posterior["a"].shape(), fits.each("store", "17").diagnose().ok);

  EXPECT_EQ(fits.posterior["a"].shape(), (Shape{2, 500, stores}));
  // Two regression coefficients with known noise: the posterior is normal.
  const auto one = fits.each("store", "17");
  const double n = 52, sx = sum(x).item(), sxx = sum(square(x)).item(), v = 0.25, sy = sum(y[17]).item(), sxy = sum(x * y[17]).item();
  const double A = n / v + 1, B = sx / v, D = sxx / v + 1, det = A * D - B * B;
  EXPECT_NEAR(mean(one.posterior["a"]).item(), (D * sy - B * sxy) / v / det, 5 * mcse_mean(one.posterior["a"]).item());
  EXPECT_NEAR(mean(one.posterior["b"]).item(), (A * sxy - B * sy) / v / det, 5 * mcse_mean(one.posterior["b"]).item());
}

// ---- many series, pair by pair: features, models and analysis share one array type ----

struct Features { Tensor up, down, jump, tension, time; static constexpr auto fields = names("up", "down", "jump", "tension", "time"); };
/// Row i: x around i, the ends repeated.
Tensor window(const Tensor& x, int width) {
  Tensor at = expand_dims(arange(x.size()), 1) + (arange(width) - width / 2);
  return x[clamp(at, 0, x.size() - 1)];
}
Features extract(Tensor x) {                                  // one series; compiled, vmapped over all series
  Tensor d = concat({zeros(1), diff(x)});
  Tensor threshold = percentile(abs(d), 97.0);
  Tensor score = abs(d) / (stddev(window(x, 21), 1) + 1e-8);
  return {(d > threshold).cast(f64), (d < -threshold).cast(f64), (score > percentile(score, 97.0)).cast(f64),
          stddev(window(x, 11), 1), arange(x.size()).cast(f64)};
}
Tensor stacked(const Features& f) { return stack({f.up, f.down, f.jump, f.tension, f.time}, 1); }    // (series, feature, time)
void interaction(const Tensor& own_features, const Tensor& other_features, const Observed& x) {
  auto features = [](const Tensor& f) { return Features{f[0], f[1], f[2], f[3], f[4]}; };
  const Features own = features(own_features), other = features(other_features);
  auto beta = [](const char* n, double sd) { return sample(n, Normal(0.0, sd)); };
  Tensor mean_x = beta("base", 2.0) + beta("time", 1.0) * own.time + beta("up", 5.0) * own.up + beta("down", 5.0) * own.down +
                  beta("tension", 3.0) * own.tension + beta("jump", 2.0) * own.jump + beta("other_up", 3.0) * other.up +
                  beta("other_down", 3.0) * other.down + beta("stress", 2.0) * other.tension;
  Tensor sigma = sample("sigma", HalfNormal(1.0));
  Plate time("t", own.time.size());
  sample("x", Normal(mean_x, sigma), x);
}

TEST(ManyDataSets, PairsOfSeries) {
  std::vector<std::string> series{"temperature", "humidity", "pressure"}, pairs;
  const int T = 120;
  Tensor X = 0.3 * cumsum(normal(Key(3), {3, T}), 1);
  Features all_features = jit(vmap(extract))(X);
  std::vector<int> a, b;
  for (int i = 0; i < 3; ++i) for (int j = 0; j < 3; ++j)
    if (i != j) { a.push_back(i); b.push_back(j); pairs.push_back(series[j] + " -> " + series[i]); }
  Tensor F = stacked(all_features), first(a), second(b);
  auto fit = MCMC(NUTS(interaction), {.num_warmup = 300, .num_samples = 300, .num_chains = 2, .progress = false, .each = Labels(pairs), .each_dim = "pair"})
                 .run(Key(0), each(F[first]), each(F[second]), each(X[first]));        // all pairs, one program
  Tensor strength = mean(maximum(abs(fit["other_up"]), abs(fit["other_down"])), 0);
  for (std::size_t p = 0; p < pairs.size(); ++p) {
    auto one = fit.each("pair", pairs[p]);
    print("{:28} strength {:.3f} R-hat {:.3f}\n", pairs[p], strength[p], one.diagnose().max_r_hat);
    EXPECT_LT(one.diagnose().max_r_hat, 1.1) << pairs[p];
  }
  EXPECT_EQ(strength.shape(), Shape{6});
  EXPECT_EQ(fit.posterior["time"].shape(), (Shape{2, 300, 6}));
}
