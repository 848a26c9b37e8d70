// Warm-up of all chains together: what a meeting computes, that chains leave it with one metric and one step size, that
// draws are those of the posterior and do not depend on threads, slices or interruptions.
#include "inference/mcmc/pooled.h"

#include <gtest/gtest.h>

#include <cstring>

#include "inference/mcmc/state_file.h"
#include "nuthatch/distributions/exponential.h"
#include "nuthatch/distributions/normal.h"
#include "nuthatch/distributions/poisson.h"
#include "nuthatch/kernels/aies.h"
#include "nuthatch/kernels/slice_sampler.h"
#include "nuthatch/mcmc.h"
#include "nuthatch/random.h"
#include "tests/errors/messages.h"
#include "tests/inference/kernel_checks.h"

namespace nuthatch {
namespace {

using namespace testing_models;
using mcmc::MetricKind;
using mcmc::MetricSource;

// ---- one meeting ----

/// Chains with their leaves in a row.
mcmc::Adaptation stacked(const std::vector<mcmc::Adaptation>& chains) {
  std::vector<std::vector<Tensor>> leaves;
  for (const auto& a : chains) leaves.push_back(tree::flatten(a));
  std::vector<Tensor> all;
  for (std::size_t i = 0; i < leaves[0].size(); ++i) {
    std::vector<Tensor> column;
    for (const auto& chain : leaves) column.push_back(chain[i]);
    all.push_back(stack(column));
  }
  return tree::unflatten(chains[0], all);
}

/// Draws of three chains over the last window of Stan's warm-up: the metric is the regularised variance of all of them.
TEST(Meeting, WindowsHaveTheVarianceOfAllDraws) {
  mcmc::AdaptationRules rules;
  rules.pooled = true;
  const auto schedule = mcmc::window_schedule(100);  // one window: draws 15 to 89
  const auto plan = mcmc::adaptation_plan(schedule, 0.8);
  std::vector<mcmc::Adaptation> chains;
  std::vector<double> seen;
  for (std::uint64_t c = 0; c < 3; ++c) {
    chains.push_back(mcmc::begin_adaptation(rules, schedule, 1, 1.0));
    for (std::int64_t t = 0; t < 90; ++t) {
      const double x = normal(fold_in(Key(c), Tensor(t))).item<double>() + 2.0 * double(c);
      if (t >= 15) seen.push_back(x);
      chains.back() = mcmc::adapt(rules, plan, chains.back(), {Tensor(t), Tensor(0.8), Tensor{x}, zeros(1)});
    }
    EXPECT_EQ(chains.back().tuning.inverse_mass.item<double>(), 1.0) << "a chain alone estimates nothing";
  }
  double mean = 0, squares = 0;
  const double n = double(seen.size());
  for (const double x : seen) mean += x / n;
  for (const double x : seen) squares += (x - mean) * (x - mean);
  const double expected = n / (n + 5) * squares / (n - 1) + 1e-3 * 5 / (n + 5);
  const auto after = mcmc::meet(rules, plan, stacked(chains), ones({3, 1}), 90);
  for (const double v : after.tuning.inverse_mass.to_vector<double>()) EXPECT_NEAR(v, expected, 1e-12 * expected);
  EXPECT_EQ(sum(after.moments[0].count).item<double>(), 0.0) << "the next window begins";
}

/// Points on a line of a normal distribution with gradients -x / variance, seen by three chains in parts: sqrt(var(x) / var(g)).
TEST(Meeting, TheFisherMetricOfAGaussianIsItsCovariance) {
  const Tensor covariance = reshape(Tensor{4.0, 1.5, 1.5, 1.0}, {2, 2}), precision = inv(covariance), factor = cholesky(covariance);
  for (const MetricKind kind : {MetricKind::diagonal, MetricKind::dense, MetricKind::low_rank}) {
    mcmc::AdaptationRules rules;
    rules.source = MetricSource::fisher, rules.metric = kind, rules.pooled = true;
    const auto schedule = mcmc::fisher_schedule(1000);
    const auto plan = mcmc::adaptation_plan(schedule, 0.8);
    std::vector<mcmc::Adaptation> chains;
    for (std::uint64_t c = 0; c < 3; ++c) {
      chains.push_back(mcmc::begin_adaptation(rules, schedule, 2, 1.0));
      Tensor before = zeros(2);
      for (std::int64_t t = 0; t < 40; ++t) {
        const Tensor x = matmul(factor, normal(fold_in(Key(c), Tensor(t)), {2}));
        chains.back() = mcmc::adapt(rules, plan, chains.back(), {Tensor(t), Tensor(0.8), x, -matmul(precision, before)});
        before = x;
      }
    }
    const auto after = mcmc::meet(rules, plan, stacked(chains), ones({3, 2}), 40);
    const mcmc::Adaptation one = tree::unflatten(after, [&] {
      auto leaves = tree::flatten(after);
      for (Tensor& x : leaves) x = x[0];
      return leaves;
    }());
    Tensor metric = one.tuning.inverse_mass;
    if (kind == MetricKind::diagonal) {
      // Not the variance: the diagonal S that solves S var(g) S = var(x) for sample variances near 4, 1 and those of P.
      EXPECT_NEAR(metric[0].item<double>(), std::sqrt(4.0 / precision(0, 0).item<double>()), 0.5);
      continue;
    }
    if (kind == MetricKind::low_rank) {
      const Tensor w = one.tuning.low_rank[0], s = one.tuning.low_rank[1];
      metric = diag(metric) + matmul(transpose(w), expand_dims(s - 1.0, 1) * w);
    }
    // Exact up to the prior weight of a fifth of an observation in more than thirty.
    EXPECT_LT(max(abs(metric - covariance)).item<double>(), 0.05) << int(kind);
  }
}

/// Dual averaging is linear: the mean state of three chains is that of one that sees the mean acceptance.
TEST(Meeting, StepSizesAreThoseOfTheMeanAcceptance) {
  const mcmc::AdaptationRules rules{.mass_matrix = false, .pooled = true};
  const auto schedule = mcmc::window_schedule(1000);
  const auto plan = mcmc::adaptation_plan(schedule, 0.8);
  const auto begin = mcmc::begin_adaptation(rules, schedule, 1, 0.7);
  std::vector<mcmc::Adaptation> chains(3, begin);
  mcmc::Adaptation one = begin;
  for (std::int64_t t = 0; t < 10; ++t) {
    double total = 0;
    for (std::uint64_t c = 0; c < 3; ++c) {
      const double acceptance = uniform(fold_in(Key(c), Tensor(t))).item<double>();
      total += acceptance / 3;
      chains[c] = mcmc::adapt(rules, plan, chains[c], {Tensor(t), Tensor(acceptance), Tensor{0.0}, zeros(1)});
    }
    one = mcmc::adapt(rules, plan, one, {Tensor(t), Tensor(total), Tensor{0.0}, zeros(1)});
  }
  const auto after = mcmc::meet(rules, plan, stacked(chains), ones({3, 1}), 10);
  for (int c = 0; c < 3; ++c) {
    EXPECT_NEAR(after.tuning.step_size[c].item<double>(), one.tuning.step_size.item<double>(), 1e-12);
    EXPECT_NEAR(after.step.log_average[c].item<double>(), one.step.log_average.item<double>(), 1e-12);
  }
}

TEST(Meeting, ChainsFarAwayLearnForThemselves) {
  const auto far = [](std::vector<double> squares) {
    const std::int64_t n = std::int64_t(squares.size()) / 2;
    return mcmc::far_away(reshape(Tensor(squares), {n, 2}));
  };
  EXPECT_EQ(far({1, 2, 3, 1, 2, 5e7, 1, 1}), (std::vector<bool>{false, false, true, false}));
  EXPECT_EQ(far({1, 2, 3, 1, 2, 5e5, NAN, 1}), (std::vector<bool>{false, false, false, true}));
  EXPECT_EQ(far({0, 0, 0, 0, 0, 7, 0, 0}), (std::vector<bool>{false, false, false, false}));

  // Three chains at home and one where the log density is -1e12: warm-up of the three is as if the fourth were not there.
  mcmc::AdaptationRules rules;
  rules.pooled = true;
  const LogDensityFunction model = standard_normal(5);
  for (const Form form : {Form::paired, Form::fisher, Form::low_rank, Form::dense}) {
    mcmc::EngineOptions options;
    options.num_warmup = 300, options.num_samples = 200, options.num_chains = 4;
    mcmc::Engine engine(sampler(form, rules), model, options);
    engine.start(Key(2), {zeros(5), ones(5), -0.5 * ones(5), full(5, Tensor(1e6))}, 1);
    EXPECT_TRUE(engine.run([](const auto&) { return true; }));
    const auto chains = engine.reports();
    for (int c = 0; c < 4; ++c) EXPECT_EQ(chains[std::size_t(c)].step_size, chains[0].step_size) << name_of(form);
    EXPECT_GT(chains[0].step_size, 0.4) << name_of(form);
    for (int c = 0; c < 3; ++c) EXPECT_LT(chains[std::size_t(c)].leapfrogs, 200 * 8) << name_of(form);
  }
}

// ---- whole runs ----

class Pooled : public ::testing::TestWithParam<Form> {
 protected:
  static mcmc::Sampler chosen(std::int64_t dim = 10) {
    mcmc::AdaptationRules rules;
    rules.pooled = true;
    return sampler(GetParam(), rules, 10, dim);
  }
  static bool gradient() { return GetParam() != Form::random_walk; }
  static mcmc::EngineOptions options(std::int64_t warmup, std::int64_t samples, std::int64_t chains) {
    mcmc::EngineOptions o;
    o.num_warmup = warmup, o.num_samples = samples, o.num_chains = chains, o.threads = 2;
    if (GetParam() == Form::random_walk) o.target_accept_prob = 0.234;
    if (GetParam() == Form::barker) o.target_accept_prob = 0.4;
    return o;
  }
};

TEST_P(Pooled, ChainsEndWithOneMetricAndOneStepSize) {
  const auto engine = run(chosen(), eight_schools(), Key(3), options(200, 5, 11));
  auto leaves = tree::flatten(engine.typed_states().adaptation.tuning);
  for (const Tensor& x : leaves)
    for (int c = 1; c < 11; ++c) EXPECT_EQ(x[c].to_vector<double>(), x[0].to_vector<double>());
  EXPECT_NE(leaves[0][0].item<double>(), 1.0);
  EXPECT_NE(leaves[1][0].to_vector<double>(), leaves[1][0].to_vector<double>().size() == 10 ? ones(10).to_vector<double>()
                                                                                           : eye(10).to_vector<double>());
}

TEST_P(Pooled, EightSchools) {
  const bool slow = GetParam() == Form::random_walk || GetParam() == Form::barker;
  for (const std::uint64_t seed : {1, 2}) {
    mcmc::EngineOptions o = options(slow ? 2000 : 300, slow ? 10000 : 2000, 64);
    if (slow) o.thinning = 10;
    const auto engine = run(chosen(), eight_schools(), Key(seed), o);
    EXPECT_LT(std::abs(z_score(engine, 10, [](const double* z) { return z[0]; }, 4.396821)), 5.5);
    EXPECT_LT(std::abs(z_score(engine, 10, [](const double* z) { return std::exp(z[1]); }, 3.597705)), 5.5);
    const double mu_square = 3.317704 * 3.317704 + 4.396821 * 4.396821;
    EXPECT_LT(std::abs(z_score(engine, 10, [](const double* z) { return z[0] * z[0]; }, mu_square)), 5.5);
  }
}

void expect_same(const mcmc::Engine& a, const mcmc::Engine& b, const char* what) {
  const auto &x = a.draws().positions, &y = b.draws().positions;
  ASSERT_EQ(x.shape, y.shape) << what;
  EXPECT_EQ(std::memcmp(x.as<double>(), y.as<double>(), x.bytes()), 0) << what;
}

TEST_P(Pooled, ThreadsSlicesLanesAndInterruptionsDoNotMatter) {
  mcmc::EngineOptions o = options(120, 30, 11);
  o.save_warmup = true;
  const auto model = eight_schools();
  const auto whole = run(chosen(), model, Key(3), o);
  auto changed = o;
  changed.threads = 1, changed.lane_width = 1;
  expect_same(whole, run(chosen(), model, Key(3), changed), "one thread, no lanes");
  for (const std::int64_t ticks : {1, 37}) {
    changed = o;
    changed.slice_ticks = ticks;
    expect_same(whole, run(chosen(), model, Key(3), changed), "slices");
  }
  // Interrupted again and again, at meetings and between them.
  changed = o;
  changed.slice_ticks = 23;
  mcmc::Engine first(chosen(), model, changed);
  first.start(Key(3), starts(Key(3), 11, model.dim), 100);
  int slices = 0;
  bool done = first.run([&](const auto&) { return ++slices < 3; });
  auto bytes = mcmc::to_bytes({first.states(), first.draws(), 120, 1, true});
  for (int stops = 0; !done; ++stops) {
    ASSERT_LT(stops, 10000);
    const auto stored = mcmc::from_bytes(bytes);
    mcmc::Engine next(chosen(), model, changed);
    next.restore(stored.states, stored.draws);
    slices = 0;
    done = next.run([&](const auto&) { return ++slices < 40; });
    if (done) expect_same(whole, next, "interrupted");
    bytes = mcmc::to_bytes({next.states(), next.draws(), 120, 1, true});
  }
}

TEST_P(Pooled, InterpreterGivesTheSameBits) {
  mcmc::EngineOptions o = options(25, 5, 2);
  o.save_warmup = true;
  const auto compiled = run(chosen(), eight_schools(), Key(7), o);
  o.interpret = true;
  expect_same(compiled, run(chosen(), eight_schools(), Key(7), o), "interpreter");
}

INSTANTIATE_TEST_SUITE_P(Kernels, Pooled,
                         ::testing::Values(Form::paired, Form::plain, Form::fisher, Form::low_rank, Form::dense, Form::hmc,
                                           Form::random_walk, Form::barker),
                         [](const auto& info) { return name_of(info.param); });

/// After 100 draws of Stan's warm-up a variance from sixteen chains is known better than one from a single chain:
/// trajectories are a fifth shorter, on scales from 0.1 to 10 in forty dimensions.
TEST(PooledAdaptation, ShortWarmupsGainFromManyChains) {
  std::vector<double> sd;
  for (int i = 0; i < 40; ++i) sd.push_back(std::pow(10.0, -1.0 + 2.0 * i / 39.0));
  const LogDensityFunction scales{40, {Tensor(sd)}, [](const Tensor& z, const std::vector<Tensor>& data) {
                                    return -0.5 * sum(square(z / data[0]));
                                  }, {}};
  const auto gradients_per_draw = [&](bool pooled) {
    mcmc::AdaptationRules rules;
    rules.pooled = pooled;
    mcmc::EngineOptions o;
    o.num_warmup = 100, o.num_samples = 500, o.num_chains = 16, o.threads = 2;
    const auto engine = run(sampler(Form::paired, rules), scales, Key(5), o);
    double total = 0;
    for (const auto& c : engine.reports()) total += double(c.leapfrogs) / 500 / 16;
    return total;
  };
  EXPECT_LT(gradients_per_draw(true), 0.85 * gradients_per_draw(false));
}

// ---- as a user asks for it ----

void pair_of(const Observed& y) {
  Tensor a = sample("a", Normal(0.0, 1.0)), b = sample("b", Normal(a, 1.0));
  sample("y", Normal(b, 1.0), y);
}
void with_count(const Observed& y) {
  Tensor n = sample("n", Poisson(3.0)), x = sample("x", Normal(n.cast(f64), 1.0));
  sample("y", Normal(x, 1.0), y);
}
MCMCOptions quick(std::int64_t warmup, std::int64_t samples, std::int64_t chains) {
  MCMCOptions options;
  options.num_warmup = warmup, options.num_samples = samples, options.num_chains = chains, options.progress = false;
  options.pooled_adaptation = true;
  return options;
}

TEST(PooledAdaptation, Fits) {
  const Fit fit = MCMC(NUTS(pair_of), quick(200, 2000, 32)).run(Key(1), 3.0);
  EXPECT_LT(std::abs(z_score(mean(fit.posterior["a"].tensor(), 1).to_vector<double>(), 1.0)), 5.5);
  EXPECT_LT(std::abs(z_score(mean(fit.posterior["b"].tensor(), 1).to_vector<double>(), 2.0)), 5.5);
  const Tensor step = fit.sample_stats["step_size"].tensor();
  EXPECT_EQ(min(step).item<double>(), max(step).item<double>());
  const Fit mixed = MCMC(with_count, quick(200, 2000, 32)).run(Key(1), 3.0);
  const Tensor step_of_mixed = mixed.sample_stats["step_size"].tensor();
  EXPECT_EQ(min(step_of_mixed).item<double>(), max(step_of_mixed).item<double>());
  EXPECT_TRUE(mixed.warnings.empty()) << mixed.warnings.front();
}

TEST(PooledAdaptation, StoppedInWarmupAndResumed) {
  const auto same = [](const Fit& a, const Fit& b) {
    return a.posterior["a"].tensor().to_vector<double>() == b.posterior["a"].tensor().to_vector<double>();
  };
  MCMCOptions options = quick(200, 100, 5);
  const Fit whole = MCMC(NUTS(pair_of), options).run(Key(2), 1.0);
  const Fit warm = MCMC(NUTS(pair_of), options).warmup(Key(2), 1.0);
  EXPECT_TRUE(same(whole, MCMC(NUTS(pair_of), options).resume(warm.state(), 1.0)));
  options.max_gradients = 300;
  const Fit part = MCMC(NUTS(pair_of), options).run(Key(2), 1.0);
  EXPECT_FALSE(std::get<bool>(part.attrs.at("complete")));
  options.max_gradients = 0;
  options.slice_ticks = 17;
  int calls = 0;
  options.on_progress = [&](const Progress& p) {
    EXPECT_TRUE(p.draw <= 300);
    return ++calls < 5 * 9;
  };
  const Fit stopped = MCMC(NUTS(pair_of), options).run(Key(2), 1.0);
  options.on_progress = nullptr;
  EXPECT_TRUE(same(whole, MCMC(NUTS(pair_of), options).resume(stopped.state(), 1.0)));
}

TEST(PooledAdaptation, Messages) {
  const auto has = [](const std::string& text, const char* part) { EXPECT_NE(text.find(part), std::string::npos) << text; };
  const auto run = [&](const Kernel& kernel) {
    return text_of_error([&] { MCMC(kernel, quick(10, 10, 8)).run(Key(0), 1.0); });
  };
  has(run(AIES(pair_of)), "AIES: .pooled_adaptation: the chains of this kernel work together already");
  has(run(SliceSampler(pair_of)), "SliceSampler: .pooled_adaptation: this kernel has no step size");
  has(text_of_error([&] { MCMC(NUTS(pair_of), quick(10, 10, 2)).run(Key(0), each(Tensor{1.0, 2.0})); }),
      "NUTS: .pooled_adaptation: it is for one data set");
}

}  // namespace
}  // namespace nuthatch
