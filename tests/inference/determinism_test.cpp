// What a chain draws depends on (key, chain) only.
#include <gtest/gtest.h>

#include <cstring>

#include "inference/mcmc/state_file.h"
#include "tests/inference/test_models.h"

namespace nuthatch {
namespace {

using namespace testing_models;

mcmc::EngineOptions short_run(std::int64_t chains) {
  mcmc::EngineOptions options;
  options.num_warmup = 150, options.num_samples = 100, options.num_chains = chains, options.save_warmup = true;
  return options;
}

void expect_same_chain(const mcmc::Engine& a, const mcmc::Engine& b, std::int64_t chain) {
  const auto &x = a.draws(), &y = b.draws();
  ASSERT_EQ(x.capacity, y.capacity);
  const auto same = [&](const detail::Array& p, const detail::Array& q) {
    const std::int64_t n = p.shape[1] * p.shape[2];
    return std::memcmp(p.as<double>() + chain * n, q.as<double>() + chain * n, std::size_t(n) * sizeof(double)) == 0;
  };
  EXPECT_TRUE(same(x.positions, y.positions)) << "positions of chain " << chain;
  EXPECT_TRUE(same(x.stats, y.stats)) << "statistics of chain " << chain;
}

class Determinism : public ::testing::TestWithParam<Form> {
 protected:
  mcmc::Engine run_with(mcmc::EngineOptions options) {
    return run(sampler(GetParam()), eight_schools(), Key(3), options);
  }
};

TEST_P(Determinism, ThreadsDoNotMatter) {
  auto options = short_run(19);
  options.threads = 1;
  const auto one = run_with(options);
  options.threads = 2;
  const auto two = run_with(options);
  for (std::int64_t c = 0; c < 19; ++c) expect_same_chain(one, two, c);
}

TEST_P(Determinism, NumberOfChainsDoesNotMatter) {
  const auto many = run_with(short_run(19)), four = run_with(short_run(4)), one = run_with(short_run(1));
  for (std::int64_t c = 0; c < 4; ++c) expect_same_chain(many, four, c);
  expect_same_chain(many, one, 0);
}

TEST_P(Determinism, SliceLengthDoesNotMatter) {
  const auto whole = run_with(short_run(5));
  for (const std::int64_t ticks : {1, 7, 1000}) {
    auto options = short_run(5);
    options.slice_ticks = ticks;
    const auto sliced = run_with(options);
    for (std::int64_t c = 0; c < 5; ++c) expect_same_chain(whole, sliced, c);
  }
}

TEST_P(Determinism, InterruptedAndResumedEqualsUninterrupted) {
  const auto whole = run_with(short_run(5));
  auto options = short_run(5);
  options.slice_ticks = 29;
  const LogDensityFunction model = eight_schools();
  mcmc::Engine first(sampler(GetParam()), model, options);
  first.start(Key(3), starts(Key(3), 5, model.dim), 100);
  int slices = 0;
  EXPECT_FALSE(first.run([&](const auto&) { return ++slices < 6; }));
  const auto bytes = mcmc::to_bytes({first.states(), first.draws(), 150, 1, true});

  const auto stored = mcmc::from_bytes(bytes);
  mcmc::Engine second(sampler(GetParam()), model, options);
  second.restore(stored.states, stored.draws);
  EXPECT_TRUE(second.run([](const auto&) { return true; }));
  for (std::int64_t c = 0; c < 5; ++c) expect_same_chain(whole, second, c);
}

TEST_P(Determinism, ChainsDiffer) {
  const auto engine = run_with(short_run(5));
  const auto& x = engine.draws().positions;
  const std::int64_t n = x.shape[1] * x.shape[2];
  for (std::int64_t c = 1; c < 5; ++c) {
    std::int64_t equal = 0;
    for (std::int64_t i = 0; i < n; ++i) equal += x.as<double>()[i] == x.as<double>()[c * n + i];
    EXPECT_EQ(equal, 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, Determinism, 
                         ::testing::Values(Form::paired, Form::plain, Form::fisher, Form::low_rank, Form::dense, Form::hmc, Form::random_walk, Form::barker,
                                           Form::slice, Form::elliptical, Form::sample_adaptive, Form::mams,
                                           Form::mclmc),
                         [](const auto& info) { return name_of(info.param); });

TEST(StateFile, DamageIsNoticed) {
  mcmc::StoredRun run;
  run.states = {detail::Array(f64, {2, 3}), detail::Array(bool_, {2})};
  auto bytes = mcmc::to_bytes(run);
  EXPECT_EQ(mcmc::from_bytes(bytes).states.size(), 2u);
  auto cut = bytes;
  cut.resize(cut.size() - 9);
  EXPECT_THROW(mcmc::from_bytes(cut), Error);
  bytes[0] = std::byte{0};
  EXPECT_THROW(mcmc::from_bytes(bytes), Error);
  EXPECT_THROW(mcmc::from_bytes({}), Error);
}

}  // namespace
}  // namespace nuthatch
