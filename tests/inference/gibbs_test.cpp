// Discrete latent sites and Gibbs updates of one's own, against posteriors that sums over all values give exactly.
#include <gtest/gtest.h>

#include <array>

#include "nuthatch/distributions/bernoulli.h"
#include "nuthatch/distributions/categorical.h"
#include "nuthatch/distributions/discrete_uniform.h"
#include "nuthatch/distributions/exponential.h"
#include "nuthatch/distributions/normal.h"
#include "nuthatch/distributions/poisson.h"
#include "nuthatch/index.h"
#include "nuthatch/kernels/compound.h"
#include "nuthatch/kernels/discrete_hmc_gibbs.h"
#include "nuthatch/kernels/hmc_gibbs.h"
#include "nuthatch/kernels/sa.h"
#include "nuthatch/mcmc.h"
#include "tests/errors/messages.h"
#include "tests/inference/coal_mining.h"
#include "tests/inference/kernel_checks.h"

namespace nuthatch {
namespace {

using namespace testing_models;

MCMCOptions many(std::int64_t warmup, std::int64_t samples, std::int64_t chains = 40) {
  MCMCOptions options;
  options.num_warmup = warmup, options.num_samples = samples, options.num_chains = chains, options.progress = false;
  return options;
}
/// |z| of the mean over draws of x [chains, draws].
double z_of(const Tensor& x, double expected) {
  return std::abs(z_score(mean(x.cast(f64), 1).to_vector<double>(), expected));
}
// ---- coal mining disasters with the year as a site; exact_posteriors: sums over the years, gamma integrals ----

void disasters(const Tensor& counts, const Tensor& known) {
  Tensor early = sample("early", Exponential(1.0)), late = sample("late", Exponential(1.0));
  Tensor year = sample("year", DiscreteUniform(1851, 1961));
  Tensor rate = select(arange(1851, 1962) <= year, early, late);
  factor("counts", sum(select(known, xlogy(counts, rate) - rate - lgamma(counts + 1.0), 0.0)));
}

TEST(Gibbs, CoalMiningWithADiscreteYear) {
  const Tensor raw(recorded()), known = raw >= 0.0, counts = maximum(raw, 0.0);
  const Fit fit = MCMC(Compound(disasters), many(200, 300)).run(Key(1), counts, known);
  EXPECT_EQ(fit.posterior["year"].shape(), (Shape{40, 300}));
  EXPECT_LT(z_of(fit.posterior["early"].tensor(), 3.087042), 5.5);
  EXPECT_LT(z_of(fit.posterior["late"].tensor(), 0.931733), 5.5);
  EXPECT_LT(z_of(fit.posterior["year"].tensor(), 1889.784099), 5.5);
  EXPECT_LT(z_of(fit.posterior["year"].tensor() == 1891, 0.220803), 5.5);
}

// ---- a small mixture, every assignment summed ----

constexpr int n = 5;
constexpr std::array<double, n> observed{-1.9, 0.3, 1.1, 2.8, 0.2};
constexpr std::array<double, 3> weights{0.5, 0.3, 0.2}, offsets{-1.0, 0.5, 2.0};

void mixture(const Observed& y) {
  Tensor mu = sample("mu", Normal(0.0, 2.0));
  Plate points("points", n);
  Tensor z = sample("z", Categorical(Tensor{0.5, 0.3, 0.2}));
  sample("y", Normal(mu + take(Tensor{-1.0, 0.5, 2.0}, z), 1.0), y);
}

/// E[mu], E[mu^2], P(z_3 = 2), P(z_1 = z_4): given an assignment, r = y - offset is normal with covariance I + 4 1 1^T,
/// and mu given r is normal with mean sum(r) / (n + 1/4) and variance 1 / (n + 1/4).
std::array<double, 4> exact_mixture() {
  std::array<double, 4> sums{};
  double total = 0;
  for (int code = 0; code < 243; ++code) {
    std::array<int, n> z;
    for (int i = 0, rest = code; i < n; ++i, rest /= 3) z[i] = rest % 3;
    double sum = 0, squares = 0, prior = 1;
    for (int i = 0; i < n; ++i) {
      const double r = observed[i] - offsets[z[i]];
      sum += r, squares += r * r, prior *= weights[z[i]];
    }
    const double precision = n + 0.25, weight = prior * std::exp(-0.5 * (squares - sum * sum / precision));
    const double mu = sum / precision;
    total += weight;
    sums[0] += weight * mu;
    sums[1] += weight * (mu * mu + 1 / precision);
    sums[2] += weight * (z[3] == 2);
    sums[3] += weight * (z[1] == z[4]);
  }
  for (double& s : sums) s /= total;
  return sums;
}

TEST(Gibbs, MixtureWithEveryUpdateAndInnerKernel) {
  const auto expected = exact_mixture();
  const Tensor y(std::vector<double>(observed.begin(), observed.end()));
  const auto check = [&](const Kernel& kernel, const char* what) {
    const Fit fit = MCMC(kernel, many(300, 2000)).run(Key(2), y);
    const Tensor mu = fit.posterior["mu"].tensor(), z = fit.posterior["z"].tensor();
    EXPECT_LT(z_of(mu, expected[0]), 5.5) << what;
    EXPECT_LT(z_of(square(mu), expected[1]), 5.5) << what;
    EXPECT_LT(z_of(z(all, all, 3) == 2, expected[2]), 5.5) << what;
    EXPECT_LT(z_of(z(all, all, 1) == z(all, all, 4), expected[3]), 5.5) << what;
  };
  check(Compound(mixture), "Compound");
  check(DiscreteHMCGibbs(NUTS(mixture, {.form = "plain"})), "plain NUTS");
  check(DiscreteHMCGibbs(HMC(mixture, {.trajectory_length = 1.5}), {.modified = true}), "HMC, modified");
  check(DiscreteHMCGibbs(NUTS(mixture, {.metric = dense()}), {.random_walk = true}), "dense NUTS, random walk");
}

TEST(Gibbs, LpIsTheLogDensityAndValuesAreWhole) {
  const Tensor y(std::vector<double>(observed.begin(), observed.end()));
  const Fit fit = MCMC(Compound(mixture), many(50, 20, 2)).run(Key(2), y);
  EXPECT_EQ(fit.posterior["z"].shape(), (Shape{2, 20, n}));
  const LogDensity density(Model(mixture).bind({Argument(y)}), Latents::any);
  for (const int t : {0, 19}) {
    const Tensor at = density.unconstrain({{"mu", fit.posterior["mu"](1, t)}, {"z", fit.posterior["z"](1, t)}});
    EXPECT_NEAR(density(at).item<double>(), fit.sample_stats["lp"](1, t).item<double>(), 1e-10);
  }
}

// ---- no finite support, and nothing continuous ----

void counting(const Observed& y) { sample("y", Normal(sample("n", Poisson(60.0)), 9.0), y); }

TEST(Gibbs, UnboundedSupportAlone) {
  double total = 0, first = 0, second = 0;
  for (int k = 0; k < 300; ++k) {
    const double log_p = k * std::log(60.0) - 60.0 - std::lgamma(k + 1.0) - 0.5 * (k - 75.0) * (k - 75.0) / 81.0;
    total += std::exp(log_p), first += k * std::exp(log_p), second += double(k) * k * std::exp(log_p);
  }
  const Fit fit = MCMC(Compound(counting), many(500, 8000)).run(Key(3), 75.0);
  const Tensor drawn = fit.posterior["n"].tensor().cast(f64);
  EXPECT_LT(z_of(drawn, first / total), 5.5);
  EXPECT_LT(z_of(square(drawn), second / total), 5.5);
}

// ---- functions of one's own ----

void chain_of_three(const Observed& y) {
  Tensor a = sample("a", Normal(0.0, 1.0)), b = sample("b", Normal(a, 1.0));
  sample("y", Normal(b, 0.5), y);
}

TEST(Gibbs, FunctionOfOnesOwn) {
  // b given a = x and y = 2: precision 1 + 4, mean (x + 8) / 5. Posterior: a ~ 2 / 2.25, b ~ 2 * 2 / 2.25.
  const GibbsFunction draw_b = [](const Key& key, const Values& own, const Values& rest) {
    EXPECT_EQ(own.size(), 1u);
    return Values{{"b", (rest.at("a") + 8.0) / 5.0 + normal(key) / std::sqrt(5.0)}};
  };
  for (const Kernel& inner : {NUTS(chain_of_three), HMC(chain_of_three, {.trajectory_length = 1.5})}) {
    const Fit fit = MCMC(HMCGibbs(inner, draw_b, {"b"}), many(500, 4000)).run(Key(4), 2.0);
    EXPECT_LT(z_of(fit.posterior["a"].tensor(), 2.0 / 2.25), 5.5) << inner.settings().name;
    EXPECT_LT(z_of(fit.posterior["b"].tensor(), 4.0 / 2.25), 5.5) << inner.settings().name;
    // Precision of (a, b): [[2, -1], [-1, 5]], determinant 9.
    EXPECT_LT(z_of(square(fit.posterior["a"].tensor() - 2.0 / 2.25), 5.0 / 9), 5.5) << inner.settings().name;
  }
}

// ---- determinism ----

TEST(Gibbs, ChainsAreIndependentOfEachOtherAndResume) {
  const Tensor y(std::vector<double>(observed.begin(), observed.end()));
  const auto same = [](const Tensor& a, const Tensor& b) { return a.to_vector<double>() == b.to_vector<double>(); };
  MCMCOptions options = many(60, 40, 9);
  const Fit nine = MCMC(Compound(mixture), options).run(Key(3), y);
  const Fit one = MCMC(Compound(mixture), many(60, 40, 1)).run(Key(3), y);
  EXPECT_TRUE(same(nine.posterior["mu"].tensor()[0], one.posterior["mu"].tensor()[0]));
  EXPECT_TRUE(same(nine.posterior["z"].tensor()[0], one.posterior["z"].tensor()[0]));
  options.slice_ticks = 31;
  int calls = 0;
  options.on_progress = [&](const Progress&) { return ++calls < 9 * 4; };
  const Fit part = MCMC(Compound(mixture), options).run(Key(3), y);
  options.on_progress = nullptr;
  EXPECT_TRUE(same(nine.posterior["z"].tensor(),
                   MCMC(Compound(mixture), options).resume(part.state(), y).posterior["z"].tensor()));
  MCMCOptions slow = many(8, 4, 1);
  const Fit compiled = MCMC(Compound(mixture), slow).run(Key(3), y);
  slow.interpret = true;
  EXPECT_TRUE(same(compiled.posterior["mu"].tensor(), MCMC(Compound(mixture), slow).run(Key(3), y).posterior["mu"].tensor()));
}

TEST(Gibbs, OtherVariantsDependOnKeyAndIndexOnly) {
  const Tensor y(std::vector<double>(observed.begin(), observed.end()));
  const GibbsFunction draw_b = [](const Key& key, const Values&, const Values& rest) {
    return Values{{"b", (rest.at("a") + 8.0) / 5.0 + normal(key) / std::sqrt(5.0)}};
  };
  const auto check = [](const Kernel& kernel, const Tensor& data, const char* site) {
    MCMCOptions nine = many(40, 20, 9);
    const Tensor whole = MCMC(kernel, nine).run(Key(3), data).posterior[site].tensor();
    nine.threads = 2, nine.slice_ticks = 17, nine.lane_width = 1;
    EXPECT_EQ(MCMC(kernel, nine).run(Key(3), data).posterior[site].to_vector<double>(), whole.to_vector<double>());
    const Tensor one = MCMC(kernel, many(40, 20, 1)).run(Key(3), data).posterior[site].tensor();
    EXPECT_EQ(one[0].to_vector<double>(), whole[0].to_vector<double>()) << kernel.settings().name;
  };
  check(DiscreteHMCGibbs(HMC(mixture, {.trajectory_length = 1.5}), {.modified = true}), y, "z");
  check(DiscreteHMCGibbs(NUTS(mixture, {.form = "plain"}), {.random_walk = true}), y, "mu");
  check(HMCGibbs(NUTS(chain_of_three), draw_b, {"b"}), Tensor(2.0), "b");
}

TEST(Gibbs, CompoundWithoutDiscreteSitesIsNuts) {
  const Fit a = MCMC(Compound(chain_of_three), many(50, 20, 2)).run(Key(1), 2.0);
  const Fit b = MCMC(NUTS(chain_of_three), many(50, 20, 2)).run(Key(1), 2.0);
  EXPECT_EQ(a.posterior["a"].tensor().to_vector<double>(), b.posterior["a"].tensor().to_vector<double>());
}

// ---- the kernel left out ----

std::string steps_of(const Fit& fit) {
  const auto found = fit.attrs.find("steps");
  return found == fit.attrs.end() ? "" : std::get<std::string>(found->second);
}

/// Continuous sites go to NUTS, the year to Gibbs steps, and the posterior is the exact one.
TEST(KernelLeftOut, CoalMining) {
  const Tensor raw(recorded()), known = raw >= 0.0, counts = maximum(raw, 0.0);
  const Fit fit = MCMC(disasters, many(200, 300)).run(Key(11), counts, known);
  EXPECT_EQ(steps_of(fit), "NUTS: early, late; Gibbs: year");
  EXPECT_EQ(std::get<std::string>(fit.attrs.at("sampler")), "Compound");
  const Tensor early = fit.posterior["early"].tensor(), late = fit.posterior["late"].tensor(), year = fit.posterior["year"].tensor();
  EXPECT_LT(z_of(early, 3.087042), 5.5);
  EXPECT_LT(z_of(square(early), 3.087042 * 3.087042 + 0.286023 * 0.286023), 5.5);
  EXPECT_LT(z_of(late, 0.931733), 5.5);
  EXPECT_LT(z_of(square(late), 0.931733 * 0.931733 + 0.117479 * 0.117479), 5.5);
  EXPECT_LT(z_of(year, 1889.784099), 5.5);
  EXPECT_LT(z_of(square(year.cast(f64) - 1889.784099), 2.440555 * 2.440555), 5.5);
  EXPECT_LT(z_of(year == 1891, 0.220803), 5.5);
  EXPECT_LT(z_of(year == 1889, 0.17034), 5.5);
}

void every_kind(const Observed& y) {
  Tensor mu = sample("mu", Normal(0.0, 1.0)), n = sample("n", Poisson(4.0)), on = sample("on", Bernoulli(0.3)),
         wide = sample("wide", DiscreteUniform(0, 2000));
  sample("y", Normal(mu + n.cast(f64) + on.cast(f64) + 0.001 * wide.cast(f64), 1.0), y);
}

TEST(KernelLeftOut, SitesGoWhereTheirSupportSays) {
  EXPECT_EQ(steps_of(MCMC(every_kind, many(10, 10, 1)).run(Key(0), 5.0)), "NUTS: mu; Metropolis: n, wide; Gibbs: on");
  EXPECT_EQ(steps_of(MCMC(counting, many(10, 10, 1)).run(Key(0), 75.0)), "Metropolis: n");
  EXPECT_EQ(steps_of(MCMC(DiscreteHMCGibbs(HMC(every_kind), {.random_walk = true}), many(10, 10, 1)).run(Key(0), 5.0)),
            "HMC: mu; Metropolis: n, on, wide");
  const GibbsFunction keep = [](const Key&, const Values& own, const Values&) { return own; };
  EXPECT_EQ(steps_of(MCMC(HMCGibbs(NUTS(chain_of_three), keep, {"b"}), many(10, 10, 1)).run(Key(0), 2.0)),
            "NUTS: a; function: b");
}

TEST(KernelLeftOut, WithoutDiscreteSitesItIsNutsAndResumes) {
  const Fit nuts = MCMC(NUTS(chain_of_three), many(50, 20, 2)).run(Key(1), 2.0);
  MCMCOptions options = many(50, 20, 2);
  const Fit whole = MCMC(chain_of_three, options).run(Key(1), 2.0);
  EXPECT_EQ(steps_of(whole), "");
  EXPECT_EQ(whole.posterior["a"].tensor().to_vector<double>(), nuts.posterior["a"].tensor().to_vector<double>());
  options.slice_ticks = 7;
  int calls = 0;
  options.on_progress = [&](const Progress&) { return ++calls < 8; };
  const Fit part = MCMC(chain_of_three, options).run(Key(1), 2.0);
  options.on_progress = nullptr;
  EXPECT_EQ(MCMC(chain_of_three, options).resume(part.state(), 2.0).posterior["a"].tensor().to_vector<double>(),
            nuts.posterior["a"].tensor().to_vector<double>());
}

// ---- messages ----

TEST(GibbsErrors, Messages) {
  const auto has = [](const std::string& text, const char* part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  const Tensor y(std::vector<double>(observed.begin(), observed.end()));
  const auto run = [&](const Kernel& kernel) {
    return text_of_error([&] { MCMC(kernel, many(10, 10, 1)).run(Key(0), y); });
  };
  has(run(NUTS(mixture)), "Compound");
  has(run(DiscreteHMCGibbs(SA(mixture))), "SA cannot be the inner kernel");
  has(text_of_error([&] { MCMC(DiscreteHMCGibbs(NUTS(chain_of_three)), many(10, 10, 1)).run(Key(0), 1.0); }),
      "no discrete latent site");
  has(text_of_error([] { DiscreteHMCGibbs(NUTS(mixture), {.random_walk = true, .modified = true}); }), "modified");
  const GibbsFunction nothing = [](const Key&, const Values&, const Values&) { return Values{}; };
  has(run(HMCGibbs(NUTS(mixture), nothing, {"z", "w"})), "names \"w\"");
  has(run(HMCGibbs(NUTS(mixture), nothing, {"mu"})), "the discrete site \"z\"");
  has(run(HMCGibbs(NUTS(mixture), nothing, {"z"})), "returned no value for \"z\"");
  has(text_of_error([&] { HMCGibbs(NUTS(mixture), nothing, {}); }), "gibbs_sites is empty");
}

}  // namespace
}  // namespace nuthatch
