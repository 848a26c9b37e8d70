// Runs that are longer than a process lives, or than memory holds: streaming, checkpoints, budgets.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <thread>

#include "nuthatch/array.h"
#include "nuthatch/distributions/half_cauchy.h"
#include "nuthatch/distributions/normal.h"
#include "nuthatch/math.h"
#include "nuthatch/mcmc.h"
#include "tests/errors/messages.h"

namespace nuthatch {
namespace {

namespace fs = std::filesystem;

void schools(const Tensor& sigma, const Observed& y) {
  Tensor mu = sample("mu", Normal(0.0, 5.0));
  Tensor tau = sample("tau", HalfCauchy(5.0));
  Plate plate("school", Labels{"A", "B", "C", "D", "E", "F", "G", "H"});
  Tensor effect = sample("effect", Normal(0.0, 1.0));
  Tensor theta = deterministic("theta", mu + tau * effect);
  sample("y", Normal(theta, sigma), y);
}
const Tensor& sigma() {
  static const Tensor x{15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0};
  return x;
}
const Tensor& effects() {
  static const Tensor x{28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0};
  return x;
}

/// A folder of the test's own.
class LongRun : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) / ("nuthatch_long_run_" + std::to_string(::getpid()) + "_" +
                                                ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  fs::path file(const std::string& name) const { return folder_ / name; }

  static MCMCOptions quick() {
    MCMCOptions options;
    options.num_warmup = 200, options.num_samples = 300, options.progress = false, options.threads = 1;
    return options;
  }
  fs::path folder_;
};

Fit run(const MCMCOptions& options, std::uint64_t seed = 5) {
  return MCMC(NUTS(schools), options).run(Key(seed), sigma(), effects());
}
Fit resume(const MCMCOptions& options, const SamplerState& state) {
  return MCMC(NUTS(schools), options).resume(state, sigma(), effects());
}

bool same(const Tensor& a, const Tensor& b) { return a.shape() == b.shape() && a.to_vector<double>() == b.to_vector<double>(); }

void expect_same_draws(const InferenceData& a, const InferenceData& b) {
  for (const char* group : {"posterior", "sample_stats", "warmup_posterior", "warmup_sample_stats"}) {
    ASSERT_EQ(a.has(group), b.has(group)) << group;
    if (!a.has(group)) continue;
    ASSERT_EQ(a.group(group).names(), b.group(group).names());
    for (const DataArray& x : a.group(group).variables()) {
      const DataArray& y = b.group(group)[x.name()];
      EXPECT_EQ(x.dims(), y.dims()) << x.name();
      EXPECT_EQ(x.dtype(), y.dtype()) << x.name();
      EXPECT_TRUE(same(x.tensor(), y.tensor())) << group << " " << x.name();
      for (const auto& dim : x.dims()) EXPECT_TRUE(x.coords().at(dim) == y.coords().at(dim)) << x.name() << " " << dim;
    }
  }
}

/// Path and content of everything in a folder.
std::map<std::string, std::string> contents(const fs::path& folder) {
  std::map<std::string, std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    out[fs::relative(entry.path(), folder).string()] = text.str();
  }
  return out;
}

void expect_same_bytes(const fs::path& a, const fs::path& b) {
  const auto x = contents(a), y = contents(b);
  std::vector<std::string> names_x, names_y;
  for (const auto& [name, text] : x) names_x.push_back(name);
  for (const auto& [name, text] : y) names_y.push_back(name);
  EXPECT_EQ(names_x, names_y);
  for (const auto& [name, text] : x)
    if (const auto found = y.find(name); found != y.end()) EXPECT_TRUE(text == found->second) << name;
}

// ---- streaming ----

TEST_F(LongRun, StreamHasTheDrawsOfTheFit) {
  for (const bool save_warmup : {false, true}) {
    MCMCOptions options = quick();
    options.save_warmup = save_warmup, options.thinning = 2;
    options.extra_fields = {"unconstrained_draw", "gradient", "step_size"};
    const Fit plain = run(options);
    options.stream_to = file("run.zarr");
    const Fit streamed = run(options);
    expect_same_draws(plain, streamed);
    const Fit stored = load(options.stream_to);
    expect_same_draws(plain, stored);
    EXPECT_TRUE(same(stored.observed_data["y"].tensor(), effects()));
    EXPECT_EQ(stored.posterior["theta"].coords().at("school").text(2), "C");
    EXPECT_EQ(stored.warnings, streamed.warnings);
    EXPECT_EQ(stored.state().bytes, streamed.state().bytes);
    EXPECT_EQ(stored.attrs.at("complete"), Attribute(true));
  }
}

// Several chunks per chain, and slices that end anywhere in them.
TEST_F(LongRun, ChunksAndSlicesDoNotMatter) {
  MCMCOptions options = quick();
  options.num_samples = 20000, options.num_chains = 2, options.save_warmup = true;
  const Fit plain = run(options);
  options.stream_to = file("a.zarr");
  expect_same_draws(plain, run(options));
  EXPECT_TRUE(fs::exists(file("a.zarr") / "posterior" / "theta" / "1.2.0"));
  options.stream_to = file("b.zarr"), options.slice_ticks = 77;
  options.threads = 2, options.lane_width = 1;
  run(options);
  expect_same_bytes(file("a.zarr"), file("b.zarr"));
}

TEST_F(LongRun, MemoryHoldsWhatItMay) {
  MCMCOptions options = quick();
  options.num_samples = 1000;
  const Fit plain = run(options);
  options.stream_to = file("run.zarr");
  options.max_memory = 4 * 1000 * 300;  // one draw has 18 doubles and 7 statistics
  const Fit some = run(options);
  const std::int64_t kept = some.posterior["mu"].size("draw");
  EXPECT_GT(kept, 300);
  EXPECT_EQ(kept, 1000);
  options.max_memory = 4 * 1000 * 60;
  const Fit fewer = run(options);
  EXPECT_LE(fewer.posterior["mu"].size("draw"), 1000 / 3 + 1);
  EXPECT_NE(fewer.warnings.back().find("draws; all are in"), std::string::npos) << fewer.warnings.back();
  const auto& labels = fewer.posterior["mu"].coords().at("draw");
  for (std::int64_t i = 0; i < labels.size(); i += 50) {
    const int draw = std::stoi(labels.text(i));
    EXPECT_EQ(fewer.posterior["mu"](1, i).item<double>(), plain.posterior["mu"](1, draw).item<double>());
  }
  expect_same_draws(plain, load(options.stream_to));
}

TEST_F(LongRun, ManyChainsStream) {
  MCMCOptions options = quick();
  options.num_chains = 10;
  const auto sampled = [&] { return MCMC(NUTS(schools, {.adaptation = "fisher"}), options).run(Key(1), sigma(), effects()); };
  const Fit plain = sampled();
  options.stream_to = file("run.zarr");
  expect_same_draws(plain, sampled());
  expect_same_draws(plain, load(options.stream_to));
}

TEST_F(LongRun, MoreSamplesGoToTheSameStore) {
  MCMCOptions options = quick();
  options.num_samples = 700, options.stream_to = file("long.zarr");
  run(options);
  options.num_samples = 250, options.stream_to = file("run.zarr");
  const Fit first = run(options);
  options.num_samples = 700;
  const Fit both = resume(options, first.state());
  EXPECT_EQ(both.posterior["mu"].size("draw"), 700);
  expect_same_draws(load(file("long.zarr")), load(file("run.zarr")));
}

TEST_F(LongRun, StreamErrors) {
  MCMCOptions options = quick();
  options.stream_to = file("run.zarr");
  options.num_samples = 10000;
  const Fit fit = run(options);
  const auto other = [](const Observed& y) { sample("y", Normal(sample("a", Normal(0.0, 1.0)), 1.0), y); };
  options.num_samples = 20000;
  MCMCOptions without = options;
  without.stream_to = {};
  EXPECT_NE(text_of_error([&] { resume(without, fit.state()); }).find("with .stream_to"), std::string::npos);
  EXPECT_NE(text_of_error([&] { MCMC(NUTS(other), options).resume(fit.state(), 1.0); }).find("unconstrained variables"),
            std::string::npos);
  options.stream_to = file("nothing.zarr");
  EXPECT_NE(text_of_error([&] { resume(options, fit.state()); }).find("nothing.zarr"), std::string::npos);
  std::ofstream(file("text")) << "mine";
  options.stream_to = file("text");
  EXPECT_NE(text_of_error([&] { run(options); }).find("not a Zarr store is there already"), std::string::npos);
  options.stream_to = {}, options.extra_fields = {"colour"};
  EXPECT_NE(text_of_error([&] { run(options); }).find("extra_fields names \"colour\"; NUTS has unconstrained_draw, gradient, "),
            std::string::npos);
}

// ---- killed at any moment ----

/// Runs f in a process of its own and kills it after so many milliseconds. True when it ended before that.
template <class F>
bool ends_within(int milliseconds, F f) {
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      f();
    } catch (...) {
      ::_exit(1);
    }
    ::_exit(0);
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
  int status = 0;
  while (::waitpid(child, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(std::chrono::microseconds(200));
      continue;
    }
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
    break;
  }
  if (WIFEXITED(status)) EXPECT_EQ(WEXITSTATUS(status), 0);
  return WIFEXITED(status);
}

TEST_F(LongRun, KilledAndResumedLeavesTheSameBytes) {
  MCMCOptions options = quick();
  options.num_warmup = 300, options.num_samples = 60000, options.thinning = 2, options.save_warmup = true;
  options.checkpoint_every = 0;
  options.checkpoint = file("whole.state"), options.stream_to = file("whole.zarr");
  const Fit whole = run(options);
  options.checkpoint = file("run.state"), options.stream_to = file("run.zarr");
  const auto start_or_go_on = [&] {
    const MCMC mcmc(NUTS(schools), options);
    if (fs::exists(options.checkpoint.string())) mcmc.resume(options.checkpoint, sigma(), effects());
    else mcmc.run(Key(5), sigma(), effects());
  };
  const auto checkpointed = [&] {
    std::error_code none;
    return fs::last_write_time(options.checkpoint.string(), none);
  };
  // The time until the kill is random. It adapts to the machine: about every other process gets as far as a checkpoint.
  std::mt19937 random(20260101);
  double limit = 100;
  int read = 0;
  for (int kills = 0; kills < 20;) {
    const auto before = checkpointed();
    if (ends_within(std::uniform_int_distribution<int>(1, int(limit))(random), start_or_go_on)) {
      fs::remove(options.checkpoint.string());  // too fast: again
      fs::remove_all(options.stream_to.string());
      continue;
    }
    ++kills;
    limit *= checkpointed() == before ? 1.2 : 0.9;
    if (!fs::exists(file("run.zarr"))) continue;
    const Fit seen = load(file("run.zarr"));
    const std::int64_t draws = seen.posterior["mu"].size("draw");
    ASSERT_LE(draws, 30000);
    ++read;
    const Tensor expected = whole.posterior["theta"].tensor()(all, slice(0, draws));
    ASSERT_TRUE(same(seen.posterior["theta"].tensor(), expected));
  }
  start_or_go_on();
  EXPECT_GE(read, 5);
  expect_same_bytes(file("whole.zarr"), file("run.zarr"));
  expect_same_draws(whole, load(file("run.zarr")));
  EXPECT_EQ(load_state(file("whole.state")).bytes, load_state(file("run.state")).bytes);
}

TEST_F(LongRun, KilledWithoutStoreResumesFromItsCheckpoint) {
  MCMCOptions options = quick();
  options.num_samples = 8000, options.checkpoint_every = 0;
  const Fit whole = run(options);
  options.checkpoint = file("run.state");
  const auto go_on = [&] {
    const MCMC mcmc(NUTS(schools), options);
    return fs::exists(options.checkpoint.string()) ? mcmc.resume(options.checkpoint, sigma(), effects())
                                                   : mcmc.run(Key(5), sigma(), effects());
  };
  std::mt19937 random(7);
  for (int i = 0; i < 5; ++i) ends_within(std::uniform_int_distribution<int>(1, 60)(random), [&] { go_on().save(file("fit.zarr")); });
  expect_same_draws(whole, go_on());
}

// ---- budgets ----

TEST_F(LongRun, GradientBudgetGivesTheSameDrawsAlways) {
  MCMCOptions options = quick();
  options.num_samples = 2000;
  const Fit whole = run(options);
  options.max_gradients = 5000;
  const Fit one = run(options);
  options.slice_ticks = 13;
  const Fit two = run(options);
  EXPECT_EQ(one.warnings.at(0), "the run was stopped by max_gradients before it was complete");
  expect_same_draws(one, two);
  const std::int64_t draws = one.posterior["mu"].size("draw");
  EXPECT_GT(draws, 10);
  EXPECT_LT(draws, 2000);
  EXPECT_LE(sum(one.sample_stats["n_steps"].tensor()).item<double>(), 4 * 5000.0);
  options.max_gradients = 0, options.slice_ticks = 0;
  expect_same_draws(whole, resume(options, one.state()));
}

TEST_F(LongRun, TimeBudgetEndsCleanly) {
  MCMCOptions options = quick();
  options.num_samples = 200000, options.slice_ticks = 500;
  options.max_time = std::chrono::milliseconds(1);
  const Fit part = run(options);
  EXPECT_EQ(part.warnings.at(0), "the run was stopped by max_time before it was complete");
  EXPECT_EQ(part.attrs.at("complete"), Attribute(false));
  options.num_samples = 300, options.max_time = 0;
  expect_same_draws(run(options), resume(options, part.state()));
}

TEST_F(LongRun, WarmupAloneThenSampling) {
  for (const bool save_warmup : {false, true}) {
    MCMCOptions options = quick();
    options.save_warmup = save_warmup;
    const Fit warm = MCMC(NUTS(schools), options).warmup(Key(5), sigma(), effects());
    EXPECT_TRUE(warm.posterior.empty());
    EXPECT_EQ(warm.warmup_posterior.empty(), !save_warmup);
    EXPECT_EQ(warm.attrs.at("complete"), Attribute(true));
    warm.state().save(file("warm.state"));
    expect_same_draws(run(options), MCMC(NUTS(schools), options).resume(file("warm.state"), sigma(), effects()));
  }
}

// ---- at once ----

TEST_F(LongRun, FitsInThreadsOfTheirOwn) {
  std::vector<Fit> alone, together(4);
  MCMCOptions options = quick();
  options.threads = 2;
  for (std::uint64_t i = 0; i < 4; ++i) alone.push_back(run(options, i));
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t i = 0; i < 4; ++i)
      threads.emplace_back([&, i] {
        MCMCOptions own = options;
        own.stream_to = file("run" + std::to_string(i) + ".zarr");
        together[i] = run(own, i);
      });
  }
  for (std::size_t i = 0; i < 4; ++i) expect_same_draws(alone[i], together[i]);
}

TEST_F(LongRun, ProgressEstimatesTheEffectiveSampleSize) {
  MCMCOptions options = quick();
  options.num_samples = 4000, options.slice_ticks = 100;
  double last = 0;
  bool undefined_at_first = false, first = true;
  options.on_progress = [&](const Progress& p) {
    if (first) undefined_at_first = std::isnan(p.ess);
    first = false;
    if (!std::isnan(p.ess)) last = p.ess;
    return true;
  };
  run(options);
  EXPECT_TRUE(undefined_at_first);
  EXPECT_GT(last, 4.0);
  EXPECT_LT(last, 4 * 4000.0 * 4);
}

}  // namespace
}  // namespace nuthatch
