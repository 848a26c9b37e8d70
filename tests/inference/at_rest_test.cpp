// The state of a complete run is the same, byte for byte, however long the slices were in which it ran: ticks in vain of
// chains that had finished leave nothing behind.
#include <gtest/gtest.h>
#include <nuthatch/nuthatch.h>

#include "nuthatch/kernels/hmcecs.h"

namespace nuthatch {
namespace {

void banana(const Observed& y) {
  Tensor a = sample("a", Normal(0.0, 1.0)), b = sample("b", Normal(a * a, 0.5));
  sample("y", Normal(a + b, 1.0), y);
}
void labels(const Observed& y) {
  Tensor a = sample("a", Normal(0.0, 3.0));
  Tensor k = sample("k", Categorical(Tensor{0.2, 0.3, 0.5}));
  sample("y", Normal(a + k.cast(f64), 0.7), y);
}
void counts(const Observed& y) {
  Tensor k = sample("k", Poisson(4.0)), j = sample("j", Categorical(Tensor{0.2, 0.3, 0.5}));
  sample("y", Normal((k + j).cast(f64), 1.5), y);
}
void subsampled(const Observed& y) {
  Tensor mu = sample("mu", Normal(0.0, 10.0));
  Plate plate("member", 60, {.subsample_size = 10});
  sample("y", Normal(mu, 2.0), plate.take(y));
}

struct Step {
  struct State { Tensor x, log_density; static constexpr auto fields = names("x", "log_density"); };
  struct Params { Tensor step_size = 0.5; static constexpr auto fields = names("step_size"); };
  struct Info { Tensor accept_prob; static constexpr auto fields = names("accept_prob"); };
  State init(const Key&, const Tensor& x, const LogDensity& target) const { return {x, target(x)}; }
  std::pair<State, Info> step(const Key& key, const State& s, const Params& p, const LogDensity& target) const {
    auto [k_move, k_accept] = split<2>(key);
    Tensor x = s.x + p.step_size * normal(k_move, s.x.shape()), log_density = target(x);
    Tensor ratio = exp(minimum(0.0, log_density - s.log_density)), yes = uniform(k_accept) < ratio;
    return {{select(yes, x, s.x), select(yes, log_density, s.log_density)}, {ratio}};
  }
};

void expect_same_state(const char* what, const Kernel& kernel, const Tensor& y, std::int64_t chains = 3) {
  const auto bytes = [&](std::int64_t slice) {
    return MCMC(kernel, {.num_warmup = 40, .num_samples = 30, .num_chains = chains, .progress = false, .slice_ticks = slice})
        .run(Key(7), y)
        .state()
        .bytes;
  };
  const auto long_slices = bytes(100000);
  EXPECT_EQ(bytes(1), long_slices) << what;
  EXPECT_EQ(bytes(17), long_slices) << what;
}

TEST(AtRest, GradientKernels) {
  const Tensor y = 1.0;
  expect_same_state("NUTS", NUTS(banana), y);
  expect_same_state("NUTS, low rank", NUTS(banana, {.metric = low_rank(), .form = "plain"}), y);
  expect_same_state("HMC", HMC(banana), y);
  expect_same_state("MAMS", MAMS(banana), y);
}

TEST(AtRest, Ensembles) {
  const Tensor y = 1.0;
  expect_same_state("AIES", AIES(banana), y, 8);
  expect_same_state("ESS", ESS(banana), y, 8);
  expect_same_state("ChEESHMC", ChEESHMC(banana), y, 8);
}

TEST(AtRest, CompoundSteps) {
  expect_same_state("Compound", Compound(labels), 1.3);
  expect_same_state("Compound without continuous sites", Compound(counts), 5.0);
  expect_same_state("MixedHMC", MixedHMC(labels), 1.3);
  expect_same_state("HMCECS", HMCECS(NUTS(subsampled), {.at = {{"mu", Tensor(0.0)}}}), normal(Key(1), {60}));
}

TEST(AtRest, Others) {
  const Tensor y = 1.0;
  expect_same_state("DEMetropolisZ", DEMetropolisZ(banana), y);
  expect_same_state("SliceSampler", SliceSampler(banana), y);
  expect_same_state("SA", SA(banana), y);
  expect_same_state("adapt", adapt(Step{}, banana), y);
}

}  // namespace
}  // namespace nuthatch
