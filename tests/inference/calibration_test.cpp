// Simulation-based calibration finds right kernels uniform and wrong ones not; consensus of shards; retries.
#include <gtest/gtest.h>

#include <cmath>

#include "nuthatch/array.h"
#include "nuthatch/consensus.h"
#include "nuthatch/distributions/half_cauchy.h"
#include "nuthatch/distributions/half_normal.h"
#include "nuthatch/distributions/normal.h"
#include "nuthatch/distributions/poisson.h"
#include "nuthatch/kernels/adapt.h"
#include "nuthatch/kernels/random_walk_metropolis.h"
#include "nuthatch/handlers.h"
#include "nuthatch/index.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "nuthatch/mcmc.h"
#include "nuthatch/sbc.h"
#include "tests/errors/messages.h"

namespace nuthatch {
namespace {

/// Continuous data with a scale, and counts: both kinds of data are held by the chains.
void regression(const Tensor& x, const Observed& y, const Observed& counts) {
  Tensor slope = sample("slope", Normal(0.0, 1.0)), sigma = sample("sigma", HalfNormal(1.0));
  Plate plate("i", x.size());
  sample("y", Normal(slope * x, sigma + 0.2), y);
  sample("counts", Poisson(exp(0.5 * slope)), counts);
}

TEST(Sbc, RightKernelsHaveUniformRanks) {
  const Tensor x{-1.0, 0.5, 2.0, 0.3};
  for (const Kernel& kernel : {NUTS(regression), HMC(regression, {.trajectory_length = 1.5})}) {
    const SBCResult result = sbc(kernel, {.num_fits = 320, .num_warmup = 200, .num_draws = 63, .thinning = 4, .num_bins = 16},
                                 Key(5), x, zeros(4), zeros(4));
    EXPECT_EQ(result.names, (std::vector<std::string>{"sigma", "slope"}));
    EXPECT_EQ(result.ranks.shape(), (Shape{320, 2}));
    EXPECT_LE(max(result.ranks).item<std::int64_t>(), 63);
    for (const auto& [name, p] : result.p_value) EXPECT_GT(p, 1e-4) << kernel.settings().name << " " << name;
  }
}

/// A kernel in user code, whose state the library cannot bring up to date.
struct Walk {
  struct State {
    Tensor x, logp;
    static constexpr auto fields = names("x", "logp");
  };
  struct Params {
    Tensor step_size = 0.5;
    static constexpr auto fields = names("step_size");
  };
  struct Info {
    Tensor accept_prob;
    static constexpr auto fields = names("accept_prob");
  };
  State init(const Key&, const Tensor& x, const LogDensity& target) const { return {x, target(x)}; }
  std::pair<State, Info> step(const Key& key, const State& s, const Params& p, const LogDensity& target) const {
    auto [move, accept] = split<2>(key);
    Tensor x = s.x + p.step_size * normal(move, s.x.shape()), logp = target(x);
    Tensor probability = exp(minimum(0.0, logp - s.logp));
    Tensor yes = uniform(accept) < probability;
    return {{select(yes, x, s.x), select(yes, logp, s.logp)}, {probability}};
  }
};

/// The prior of the fit is not that of the data: what a wrong model looks like.
TEST(Sbc, AWrongTargetIsFound) {
  const auto wrong = [](const Tensor& x, const Observed& y, const Observed& counts) {
    Tensor slope = sample("slope", Normal(0.0, 1.0)), sigma = sample("sigma", HalfNormal(1.0));
    factor("prior counted four times", -1.5 * square(slope));
    Plate plate("i", x.size());
    sample("y", Normal(slope * x, sigma + 0.2), y);
    sample("counts", Poisson(exp(0.5 * slope)), counts);
  };
  const SBCResult result = sbc(NUTS(wrong), {.num_fits = 320, .num_warmup = 200, .num_draws = 63, .thinning = 4, .num_bins = 16},
                               Key(5), Tensor{0.1, 0.05, 0.2, 0.03}, zeros(4), zeros(4));
  EXPECT_LT(result.p_value.at("slope"), 1e-4);
}

TEST(Sbc, FitsDependOnKeyAndIndexOnly) {
  const Tensor x{-1.0, 0.5, 2.0, 0.3};
  const auto run = [&](std::int64_t fits) {
    return sbc(NUTS(regression), {.num_fits = fits, .num_warmup = 100, .num_draws = 20, .thinning = 2, .num_bins = 7}, Key(5),
               x, zeros(4), zeros(4));
  };
  EXPECT_EQ(run(11).ranks[3].to_vector<std::int64_t>(), run(4).ranks[3].to_vector<std::int64_t>());
}

TEST(SbcErrors, Messages) {
  const auto has = [](const std::string& text, const char* part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  const Tensor x{1.0};
  has(text_of_error([&] { sbc(NUTS(regression), {.num_fits = 0}, Key(0), x, zeros(1), zeros(1)); }), "num_fits");
  has(text_of_error([&] { sbc(NUTS(regression), {.num_bins = 1000}, Key(0), x, zeros(1), zeros(1)); }), "num_bins");
  const auto prior = [] { sample("x", Normal(0.0, 1.0)); };
  has(text_of_error([&] { sbc(NUTS(prior), {}, Key(0)); }), "the model has no data");
  const auto data = [](const Observed& y) { sample("y", Normal(0.0, 1.0), y); };
  has(text_of_error([&] { sbc(NUTS(data), {}, Key(0), 1.0); }), "no latent variable");
  has(text_of_error([&] { sbc(adapt(Walk{}, Model(regression)), {}, Key(0), x, zeros(1), zeros(1)); }),
      "cannot be the inner kernel");
}

// ---- consensus ----

TEST(Consensus, ProductOfNormals) {
  // Normal shards with precisions P1, P2 and means m1, m2: precision P1 + P2, mean (P1 + P2)^-1 (P1 m1 + P2 m2).
  const std::int64_t draws = 40000;
  const Tensor l1 = reshape(Tensor{1.0, 0.0, 0.6, 0.8}, {2, 2}), l2 = reshape(Tensor{0.5, 0.0, -0.4, 1.0}, {2, 2});
  const Tensor m1{1.0, -1.0}, m2{2.0, 0.5};
  const auto shard = [&](int seed, const Tensor& l, const Tensor& m) {
    return m + matmul(normal(Key(std::uint64_t(seed)), {draws, 2}), transpose(l));
  };
  const std::vector<Tensor> shards{shard(1, l1, m1), shard(2, l2, m2)};
  // Covariances [[1, .6], [.6, 1]] and [[.25, -.2], [-.2, 1.16]], inverted by hand below.
  const double p1[3] = {1 / 0.64, -0.6 / 0.64, 1 / 0.64}, p2[3] = {1.16 / 0.25, 0.2 / 0.25, 0.25 / 0.25};
  const double a = p1[0] + p2[0], b = p1[1] + p2[1], c = p1[2] + p2[2], determinant = a * c - b * b;
  const double r0 = p1[0] * 1 + p1[1] * -1 + p2[0] * 2 + p2[1] * 0.5, r1 = p1[1] * 1 + p1[2] * -1 + p2[1] * 2 + p2[2] * 0.5;
  const double mean0 = (c * r0 - b * r1) / determinant, mean1 = (a * r1 - b * r0) / determinant;
  const auto near = [](double x, double expected) { EXPECT_NEAR(x, expected, 0.025); };
  const Tensor joined = consensus(shards);
  const NormalConsensus fitted = parametric_consensus(shards);
  for (const Tensor& m : {mean(joined, 0), fitted.mean}) near(m[0].item<double>(), mean0), near(m[1].item<double>(), mean1);
  const Tensor deviation = joined - mean(joined, 0), covariance = matmul(transpose(deviation), deviation) / double(draws);
  for (const Tensor& v : {covariance, fitted.covariance}) {
    near(v(0, 0).item<double>(), c / determinant);
    near(v(0, 1).item<double>(), -b / determinant);
    near(v(1, 1).item<double>(), a / determinant);
  }
  // Variances only: each coordinate by itself.
  const double precision0 = 1 / 1.0 + 1 / 0.25;
  const NormalConsensus diagonal = parametric_consensus(shards, {.diagonal = true});
  near(diagonal.mean[0].item<double>(), (1 / 1.0 * 1 + 1 / 0.25 * 2) / precision0);
  near(diagonal.covariance[0].item<double>(), 1 / precision0);
  near(variance(consensus(shards, {.diagonal = true})(all, 0)).item<double>(), 1 / precision0);
}

/// Five shards as one program, each with the fifth root of the prior: the posterior of all data, which is normal.
void weighted_line(const Tensor& x, const Observed& y) {
  Tensor a = sample("a", Normal(0.0, 2.0)), b = sample("b", Normal(zeros(2), 1.0).to_event());
  deterministic("twice", 2.0 * a);
  Plate rows("row", x.size(0));
  sample("y", Normal(a + matmul(x, b), 1.5), y);
}

TEST(Consensus, ShardsAsOneProgram) {
  constexpr std::int64_t shards = 5, rows = 40;
  const Tensor x = normal(Key(31), {shards * rows, 2});
  const Tensor y = 0.7 + matmul(x, Tensor{1.0, -0.5}) + 1.5 * normal(Key(32), {shards * rows});
  const auto fractional = scale(weighted_line, 1.0 / shards, {.only = SiteKind::latent});
  MCMCOptions options;
  options.num_warmup = 500, options.num_samples = 4000, options.progress = false, options.each_dim = "shard";
  options.each = Labels{"0", "1", "2", "3", "4"};
  const Fit parts = MCMC(NUTS(fractional), options).run(Key(2), each(reshape(x, {shards, rows, 2})), each(reshape(y, {shards, rows})));
  std::vector<InferenceData> subposteriors;
  for (const char* name : {"0", "1", "2", "3", "4"}) subposteriors.push_back(parts.each("shard", name));
  const InferenceData joint = consensus(subposteriors, {.var_names = {"a", "b"}});
  EXPECT_EQ(joint.posterior["b"].shape(), (Shape{4, 4000, 2}));
  EXPECT_EQ(joint.posterior["b"].dims(), subposteriors[0].posterior["b"].dims());

  const Tensor design = concat({ones({shards * rows, 1}), x}, 1);
  const Tensor precision = matmul(transpose(design), design) / 2.25 + diag(Tensor{0.25, 1.0, 1.0});
  const Tensor covariance = inv(precision), exact = matmul(covariance, matmul(transpose(design), y) / 2.25);
  const Tensor draws = concat({expand_dims(joint.posterior["a"].tensor(), 2), joint.posterior["b"].tensor()}, 2);
  for (int i = 0; i < 3; ++i) {
    const double sd = std::sqrt(covariance(i, i).item<double>());
    // Errors of the shards' means and covariances, over some 3000 effective draws each, are below a twentieth of a
    // standard deviation.
    EXPECT_NEAR(mean(draws(all, all, i)).item<double>(), exact[i].item<double>(), 0.08 * sd) << i;
    EXPECT_NEAR(stddev(draws(all, all, i)).item<double>(), sd, 0.06 * sd) << i;
  }
  EXPECT_NE(text_of_error([&] { consensus(subposteriors); }).find("singular"), std::string::npos);
  EXPECT_NE(text_of_error([&] { consensus(subposteriors, {.var_names = {"c"}}); }).find("names \"c\""), std::string::npos);
}

TEST(Consensus, Messages) {
  EXPECT_NE(text_of_error([] { consensus(std::vector<Tensor>{}); }).find("no subposteriors"), std::string::npos);
  EXPECT_NE(text_of_error([] { consensus({zeros({5, 2}), zeros({5, 3})}); }).find("[5, 3]"), std::string::npos);
}

// ---- retries ----

void funnel_of_schools(const Tensor& sigma, const Observed& y) {
  Tensor mu = sample("mu", Normal(0.0, 5.0)), tau = sample("tau", HalfCauchy(5.0));
  Plate plate("school", 8);
  Tensor theta = sample("theta", Normal(mu, tau));
  sample("y", Normal(theta, sigma), y);
}

TEST(Retry, DivergentRunsAreRepeatedWithSmallerSteps) {
  const Tensor sigma{15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0}, y{28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0};
  MCMCOptions options;
  options.num_warmup = 300, options.num_samples = 300, options.progress = false;
  const auto step = [](const Fit& fit) { return mean(fit.sample_stats["step_size"]).item<double>(); };
  const auto divergences = [](const Fit& fit) { return sum(fit.sample_stats["diverging"].tensor()).item<std::int64_t>(); };
  const Fit once = MCMC(NUTS(funnel_of_schools, {.adaptation = "windows"}), options).run(Key(1), sigma, y);
  ASSERT_GT(divergences(once), 0);
  options.max_retries = 1;
  const Fit twice = MCMC(NUTS(funnel_of_schools, {.adaptation = "windows"}), options).run(Key(1), sigma, y);
  EXPECT_LT(step(twice), 0.7 * step(once));
  options.max_retries = 0;
  const Fit direct = MCMC(NUTS(funnel_of_schools, {.target_accept_prob = 0.95, .adaptation = "windows"}), options).run(Key(1), sigma, y);
  EXPECT_EQ(twice.posterior["mu"].tensor().to_vector<double>(), direct.posterior["mu"].tensor().to_vector<double>());
}

}  // namespace
}  // namespace nuthatch
