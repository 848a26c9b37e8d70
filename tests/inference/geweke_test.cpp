// Geweke's joint distribution test of every kernel: geweke.h says what it is.
#include "tests/inference/geweke.h"

#include "inference/kernels/chees.h"
#include "inference/kernels/difference_archive.h"
#include "inference/kernels/discrete_gibbs.h"
#include "inference/kernels/ensemble_slice.h"
#include "inference/kernels/mixed_hmc.h"
#include "inference/kernels/stretch_and_difference.h"
#include "nuthatch/distributions/gamma.h"
#include "nuthatch/distributions/normal.h"
#include "nuthatch/distributions/poisson.h"
#include "nuthatch/kernels/hmc_gibbs.h"
#include "nuthatch/kernels/hmcecs.h"
#include "nuthatch/mcmc.h"
#include "nuthatch/random.h"
#include "nuthatch/smc.h"

namespace nuthatch {
namespace {

using namespace testing_models;
using Rule = Shared<const detail::KernelRule>;
constexpr mcmc::AdaptationRules no_rules{mcmc::MetricKind::diagonal, false, false};

// ---- kernels of continuous parameters ----

struct Continuous {
  std::string name;
  Rule rule;
  double step_size = 1;
};
std::vector<Continuous> continuous_kernels() {
  using namespace kernels;
  return {{"NUTS", share<TickRule<NutsPaired>>("NUTS", NutsPaired(10)), 0.5},
          {"plain NUTS", share<TickRule<NutsPlain>>("NUTS", NutsPlain(10)), 0.5},
          {"HMC", share<TickRule<StaticHmc>>("HMC", StaticHmc(1.5, 0)), 0.4},
          {"MAMS", point_rule("MAMS", AdjustedMicrocanonical(0)), 0.6},
          {"BarkerMH", point_rule("BarkerMH", Barker()), 0.9},
          {"RandomWalkMetropolis", point_rule("RandomWalkMetropolis", kernels::RandomWalk()), 0.7},
          {"SliceSampler", point_rule("SliceSampler", CoordinateSlice(1.0, 50)), 1},
          {"EllipticalSlice", point_rule("EllipticalSlice", kernels::EllipticalSlice({zeros(3), ones(3)})), 1},
          {"DEMetropolisZ", point_rule("DEMetropolisZ", DifferenceArchive(0, 1e-3)), 0.6}};
}

TEST(Geweke, ContinuousParameters) {
  for (const Continuous& k : continuous_kernels()) {
    const JointLaw law = line_with_unknown_scale();
    expect_geweke(law, successive_conditional(law, k.rule), k.step_size, k.name);
  }
}

/// MCLMC has a bias that falls with the square of the step size: here it is below what the test can see.
TEST(Geweke, MclmcWithSmallSteps) {
  const JointLaw law = line_with_unknown_scale();
  const Rule rule = kernels::point_rule("MCLMC", kernels::UnadjustedMicrocanonical({.step_size = 0.03, .steps_per_draw = 40}));
  expect_geweke(law, successive_conditional(law, rule), 1, "MCLMC", 20, 1024);
}

/// The test has power: a likelihood a fifth too sharp is found.
TEST(Geweke, AWrongPosteriorIsFound) {
  JointLaw law = line_with_unknown_scale();
  law.log_density = [right = law.log_density](const Tensor& z) {
    Tensor log_prior = -0.5 * sum(square(z[slice(0, 3)]));
    return log_prior + 1.2 * (right(z) - log_prior);
  };
  double worst = 0;
  for (const double z : geweke_scores(law, successive_conditional(law, continuous_kernels()[0].rule), 0.5, 1, 100))
    worst = std::max(worst, std::abs(z));
  EXPECT_GT(worst, 5.5);
}

// ---- discrete parameters ----

LatentSite number_at(std::int64_t offset, std::int64_t num_values) {
  LatentSite site;
  site.offset = offset, site.size = 1, site.discrete = true, site.lowest = 0, site.num_values = num_values;
  return site;
}

TEST(Geweke, CompoundAndDiscreteHmcGibbs) {
  const Rule nuts = continuous_kernels()[0].rule, hmc = continuous_kernels()[2].rule, slice = continuous_kernels()[6].rule;
  const JointLaw mixture = labelled_mixture(), count = count_with_noise();
  const auto check = [](const JointLaw& law, const Rule& inner, std::int64_t values, const kernels::DiscreteUpdate& how,
                        const char* what) {
    expect_geweke(law, successive_conditional(law, inner, {kernels::discrete_update(number_at(1, values), how)}, 1), 0.6, what);
  };
  check(mixture, nuts, 4, {}, "NUTS and Gibbs");
  check(mixture, hmc, 4, {.modified = true}, "HMC and Liu's Gibbs");
  check(mixture, slice, 4, {.random_walk = true}, "slices and Metropolis");
  check(count, nuts, 0, {}, "NUTS and Metropolis of an unbounded number");
}

// ---- kernels that cannot be told of new data: a new run after every change, from where the last one ended ----

/// Law and kernel as above, data as arguments that every chain has its own of. `redraw` makes y, and what else follows
/// from it, of the position of a chain.
using Redraw = std::function<void(std::mt19937_64&, std::vector<double>& z)>;
void expect_geweke_by_restarts(const JointLaw& law, const mcmc::Sampler& sampler, double step_size, const Redraw& redraw,
                               const std::function<std::vector<double>(std::mt19937_64&)>& begin, const char* what,
                               std::int64_t walkers = 1, int alternations = 12, int chains = 512, int draws = 3) {
  const std::int64_t dim = law.parameters * walkers;
  std::mt19937_64 random(11);
  std::vector<std::vector<double>> z;  // positions of all walkers, then data
  for (int c = 0; c < chains; ++c) z.push_back(begin(random));
  std::vector<std::vector<double>> sums(law.expectations.size(), std::vector<double>(std::size_t(chains), 0.0));
  for (int a = 0; a < alternations; ++a) {
    std::vector<double> data;
    std::vector<Tensor> starts;
    for (const auto& x : z) {
      starts.push_back(Tensor(std::vector<double>(x.begin(), x.begin() + dim)));
      data.insert(data.end(), x.begin() + dim, x.end());
    }
    mcmc::EngineOptions options;
    options.num_warmup = 0, options.num_samples = draws, options.num_chains = chains, options.threads = 2;
    options.step_size = step_size;
    mcmc::LogDensityFunction target{dim, {reshape(Tensor(data), {chains, law.data})},
                                    [&](const Tensor& theta, const std::vector<Tensor>& y) {
                                      return law.log_density(concat({theta, y[0]}));
                                    },
                                    {}, {true}};
    mcmc::Engine engine(sampler, target, options);
    engine.start(fold_in(Key(5), Tensor(a)), starts, 1);
    ASSERT_TRUE(engine.run([](const auto&) { return true; }));
    for (int c = 0; c < chains; ++c) {
      auto& x = z[std::size_t(c)];
      const double* last = engine.draws().positions.as<double>() + (std::int64_t(c) * draws + draws - 1) * dim;
      std::copy(last, last + dim, x.begin());
      for (std::size_t e = 0; e < law.expectations.size(); ++e) {
        double total = 0;
        for (std::int64_t w = 0; w < walkers; ++w) {
          std::vector<double> pair(last + w * law.parameters, last + (w + 1) * law.parameters);
          pair.insert(pair.end(), x.begin() + dim, x.end());
          total += law.expectations[e].of(pair.data()) / double(walkers);
        }
        sums[e][std::size_t(c)] += total / alternations;
      }
      redraw(random, x);
    }
  }
  for (std::size_t e = 0; e < sums.size(); ++e)
    EXPECT_LT(std::abs(z_score(sums[e], law.expectations[e].expected)), 5.5) << what << ": " << law.expectations[e].name;
}

TEST(Geweke, MixedHmc) {
  const Redraw redraw = [](std::mt19937_64& random, std::vector<double>& z) {
    z[2] = z[0] + std::normal_distribution<double>()(random);
  };
  const auto check = [&](const JointLaw& law, double values, const char* what) {
    const Rule rule = share<kernels::TickRule<kernels::MixedHmc>>("MixedHmc", kernels::MixedHmc(3.0, 4, {{0.0}, {values}}));
    expect_geweke_by_restarts(law, {rule, no_rules}, 0.7, redraw, law.draw, what);
  };
  check(labelled_mixture(), 4, "MixedHMC of a label");
  check(count_with_noise(), 0, "MixedHMC of a count");
}

// ---- ensembles ----

/// theta ~ N(0, I) in two dimensions, y ~ N(theta_0 + theta_1, 1). The posterior given y is normal with mean (y, y) / 3 and
/// covariance I - 1/3. The law of an ensemble: y as it is, all walkers draws of the posterior given it. A new y is drawn
/// given one walker, then the other walkers given y: together one Gibbs step.
constexpr std::int64_t kWalkers = 8;
JointLaw sum_of_two() {
  JointLaw law;
  law.parameters = 2, law.data = 1;
  law.log_density = [](const Tensor& z) { return -0.5 * (square(z[0]) + square(z[1]) + square(z[2] - z[0] - z[1])); };
  law.expectations = {{"a", [](const double* z) { return z[0]; }, 0.0},
                      {"a^2", [](const double* z) { return z[0] * z[0]; }, 1.0},
                      {"a b", [](const double* z) { return z[0] * z[1]; }, 0.0},
                      {"a y", [](const double* z) { return z[0] * z[2]; }, 1.0},
                      {"(y - a - b)^2", [](const double* z) { return std::pow(z[2] - z[0] - z[1], 2); }, 1.0},
                      {"|a| < 1", [](const double* z) { return double(std::abs(z[0]) < 1); }, 0.6826894921370859}};
  return law;
}
void redraw_ensemble(std::mt19937_64& random, std::vector<double>& z) {
  std::normal_distribution<double> normal;
  const std::size_t walkers = (z.size() - 1) / 2, kept = std::uniform_int_distribution<std::size_t>(0, walkers - 1)(random);
  double& y = z.back();
  y = z[2 * kept] + z[2 * kept + 1] + normal(random);
  // a + b and a - b are independent: variances 2/3 and 2, means 2 y / 3 and 0.
  for (std::size_t w = 0; w < walkers; ++w) {
    if (w == kept) continue;
    const double total = 2 * y / 3 + std::sqrt(2.0 / 3) * normal(random), difference = std::sqrt(2.0) * normal(random);
    z[2 * w] = 0.5 * (total + difference), z[2 * w + 1] = 0.5 * (total - difference);
  }
}
std::vector<double> begin_ensemble(std::mt19937_64& random) {
  std::normal_distribution<double> normal;
  std::vector<double> z(2 * kWalkers + 1);
  for (double& x : z) x = normal(random);  // any one walker is a draw of the prior: that is what the next line needs
  redraw_ensemble(random, z);
  return z;
}

TEST(Geweke, Ensembles) {
  using namespace kernels;
  const auto check = [&](const Rule& rule, const char* what) {
    expect_geweke_by_restarts(sum_of_two(), {rule, no_rules}, 1, redraw_ensemble, begin_ensemble, what, kWalkers, 10, 256);
  };
  check(ensemble_rule("AIES", StretchAndDifference({}), kWalkers, 2), "AIES, differences");
  check(ensemble_rule("AIES", StretchAndDifference({.difference_probability = 0}), kWalkers, 2), "AIES, stretches");
  check(ensemble_rule("ESS", EnsembleSlice({}), kWalkers, 2), "ESS");
  check(ensemble_rule("ChEESHMC", Chees({.step_size = 0.4}), kWalkers, 2), "ChEESHMC");
}

/// The set of points of sample adaptive MCMC is an ensemble that the kernel makes by itself: here it is put in its place.
TEST(Geweke, SampleAdaptive) {
  using Ticks = kernels::PointTicks<kernels::SampleAdaptive>;
  constexpr int chains = 512, alternations = 12, draws = 12;
  const JointLaw law = sum_of_two();
  const mcmc::Sampler sampler{kernels::point_rule("SA", kernels::SampleAdaptive(kWalkers)), no_rules};
  std::mt19937_64 random(3);
  std::vector<std::vector<double>> z;
  for (int c = 0; c < chains; ++c) z.push_back(begin_ensemble(random));
  std::vector<std::vector<double>> sums(law.expectations.size(), std::vector<double>(chains, 0.0));
  for (int a = 0; a < alternations; ++a) {
    std::vector<double> points, data, densities;
    std::vector<Tensor> starts;
    for (const auto& x : z) {
      points.insert(points.end(), x.begin(), x.end() - 1);
      data.push_back(x.back());
      starts.push_back(Tensor{x[0], x[1]});
      for (std::int64_t w = 0; w < kWalkers; ++w) {
        const double p = x[2 * w], q = x[2 * w + 1], r = x.back() - p - q;
        densities.push_back(-0.5 * (p * p + q * q + r * r));
      }
    }
    mcmc::EngineOptions options;
    options.num_warmup = 0, options.num_samples = draws, options.num_chains = chains, options.threads = 2;
    mcmc::Engine engine(sampler,
                        {2, {reshape(Tensor(data), {chains, 1})},
                         [&](const Tensor& theta, const std::vector<Tensor>& y) { return law.log_density(concat({theta, y[0]})); },
                         {}, {true}},
                        options);
    engine.start(fold_in(Key(7), Tensor(a)), starts, 1);
    mcmc::ChainState all = engine.typed_states();
    Ticks::State s = tree::unflatten(Ticks::State{}, all.kernel);
    s.own.points = reshape(Tensor(points), {chains, kWalkers, 2});
    s.own.log_densities = reshape(Tensor(densities), {chains, kWalkers});
    s.own.size = full(Shape{chains}, Tensor(kWalkers));
    s.search.active = full(Shape{chains}, Tensor(false));
    all.kernel = tree::flatten(s);
    engine.restore(arrays_of(tree::flatten(all)), {});
    ASSERT_TRUE(engine.run([](const auto&) { return true; }));
    const Ticks::State after = tree::unflatten(Ticks::State{}, engine.typed_states().kernel);
    const auto moved = after.own.points.to_vector<double>();
    for (int c = 0; c < chains; ++c) {
      auto& x = z[std::size_t(c)];
      std::copy_n(moved.begin() + c * 2 * kWalkers, 2 * kWalkers, x.begin());
      for (std::size_t e = 0; e < law.expectations.size(); ++e)
        for (std::int64_t w = 0; w < kWalkers; ++w) {
          const double pair[3] = {x[2 * w], x[2 * w + 1], x.back()};
          sums[e][std::size_t(c)] += law.expectations[e].of(pair) / double(kWalkers * alternations);
        }
      redraw_ensemble(random, x);
    }
  }
  for (std::size_t e = 0; e < sums.size(); ++e)
    EXPECT_LT(std::abs(z_score(sums[e], law.expectations[e].expected)), 5.5) << law.expectations[e].name;
}

// ---- as a user does it ----

/// The joint law as a model, the data among its latent sites: HMCGibbs with a function that draws them is the test.
void joint_model() {
  Tensor a = sample("a", Normal(0.0, 1.0)), b = sample("b", Normal(a, 1.0));
  sample("y", Normal(b, 0.5));
}

TEST(Geweke, HmcGibbs) {
  MCMCOptions options;
  options.num_warmup = 0, options.num_samples = 60, options.num_chains = 1024, options.progress = false;
  const auto z_of = [](const Tensor& x, double expected) {
    return std::abs(z_score(mean(x, 1).to_vector<double>(), expected));
  };
  const auto check = [&](const Fit& fit, const char* what) {
    const Tensor a = fit.posterior["a"].tensor(), b = fit.posterior["b"].tensor(), y = fit.posterior["y"].tensor();
    EXPECT_LT(z_of(a, 0.0), 5.5) << what;
    EXPECT_LT(z_of(square(a), 1.0), 5.5) << what;
    EXPECT_LT(z_of(a * b, 1.0), 5.5) << what;
    EXPECT_LT(z_of(square(b), 2.0), 5.5) << what;
    EXPECT_LT(z_of(b * y, 2.0), 5.5) << what;
    EXPECT_LT(z_of(square(y), 2.25), 5.5) << what;
  };
  const NUTSOptions fixed{.step_size = 0.5, .adapt_step_size = false, .adapt_mass_matrix = false, .init = init_to_sample()};
  const auto draw_data = [](const Key& key, const Values&, const Values& rest) {
    return Values{{"y", rest.at("b") + 0.5 * normal(key)}};
  };
  check(MCMC(HMCGibbs(NUTS(joint_model, fixed), draw_data, {"y"}), options).run(Key(1)), "the data by a function");
  // b given a and y: precision 1 + 4; then y given b.
  const auto draw_both = [](const Key& key, const Values& own, const Values& rest) {
    auto [k_b, k_y] = split<2>(key);
    Tensor b = (rest.at("a") + 4.0 * own.at("y")) / 5.0 + normal(k_b) / std::sqrt(5.0);
    return Values{{"b", b}, {"y", b + 0.5 * normal(k_y)}};
  };
  check(MCMC(HMCGibbs(NUTS(joint_model, fixed), draw_both, {"b", "y"}), options).run(Key(2)), "a parameter by a function");
}

/// Forty problems side by side in one model that share the members in use: with exact expansions the target of HMCECS is
/// that of all data, so the problems are independent replications.
constexpr std::int64_t kProblems = 40, kMembers = 24;
void many_means(const Observed& y) {
  Tensor mu = sample("mu", Normal(zeros(kProblems), 1.0).to_event());
  Plate plate("member", kMembers, {.subsample_size = 6});
  sample("y", Normal(mu, 2.0).to_event(1), plate.take(y));
}

TEST(Geweke, Hmcecs) {
  std::vector<double> means, squares, products;
  for (std::uint64_t replication = 0; replication < 4; ++replication) {
    const Key key(replication);
    Tensor mu = normal(fold_in(key, Tensor(1000)), {kProblems}), y;
    std::vector<Tensor> sums(3, zeros(kProblems));
    constexpr int alternations = 8;
    for (int a = 0; a < alternations; ++a) {
      y = mu + 2.0 * normal(fold_in(key, Tensor(2000 + a)), {kMembers, kProblems});
      const Kernel kernel = HMCECS(NUTS(many_means, {.step_size = 0.3, .adapt_step_size = false, .adapt_mass_matrix = false,
                                                     .init = init_to_value({{"mu", mu}})}),
                                   {.at = {{"mu", zeros(kProblems)}}, .num_blocks = 2});
      const Fit fit = MCMC(kernel, {.num_warmup = 0, .num_samples = 3, .num_chains = 1, .progress = false})
                          .run(fold_in(key, Tensor(3000 + a)), y);
      mu = fit.posterior["mu"].tensor()(0, 2);
      const Tensor average = mean(y, 0);
      sums[0] = sums[0] + mu, sums[1] = sums[1] + square(mu), sums[2] = sums[2] + mu * average;
    }
    for (const auto& [all, sum] : {std::pair{&means, sums[0]}, {&squares, sums[1]}, {&products, sums[2]}}) {
      const auto values = (sum / double(alternations)).to_vector<double>();
      all->insert(all->end(), values.begin(), values.end());
    }
  }
  EXPECT_LT(std::abs(z_score(means, 0.0)), 5.5);
  EXPECT_LT(std::abs(z_score(squares, 1.0)), 5.5);
  EXPECT_LT(std::abs(z_score(products, 1.0)), 5.5);  // E[mu mean(y)] = E[mu^2]
}

/// No Markov kernel, but the same law: parameters of the prior, data given them, one particle of the posterior given the
/// data. The particle and the data are a draw of the pair again.
void rate(const Observed& y) { sample("y", Poisson(sample("lambda", Gamma(3.0, 0.5))), y); }

TEST(Geweke, Smc) {
  std::mt19937_64 random(5);
  std::gamma_distribution<double> prior(3.0, 2.0);
  std::vector<double> first, second, product;
  for (std::uint64_t i = 0; i < 300; ++i) {
    const double y = double(std::poisson_distribution<int>(prior(random))(random));
    const Fit fit = SMC(rate, {.num_particles = 300, .num_chains = 1}).run(Key(i), Tensor(y));
    ASSERT_EQ(fit.log_evidence(), log_evidence(fit));
    const double lambda = fit.posterior["lambda"].tensor()(0, 7).item<double>();
    first.push_back(lambda), second.push_back(lambda * lambda), product.push_back(lambda * y);
  }
  EXPECT_LT(std::abs(z_score(first, 6.0)), 5.5);
  EXPECT_LT(std::abs(z_score(second, 48.0)), 5.5);
  EXPECT_LT(std::abs(z_score(product, 48.0)), 5.5);
}

}  // namespace
}  // namespace nuthatch
