// What kernels of samplers take: registers, local and shared memory as ptxas reports them. Registers say how many chains a
// multiprocessor holds; what is spilled waits for memory. A change of the code generator that costs registers shows here.
#include <gtest/gtest.h>

#include "backends/gpu/ptx.h"
#include "ir/trace/program.h"
#include "nuthatch/nuthatch.h"
#include "tests/gpu/group_executor.h"
#include "tests/gpu/ptxas.h"

namespace nuthatch::test {
namespace {

void eight_schools(const Tensor& sigma, const Observed& y) {
  Tensor mu = sample("mu", Normal(0.0, 5.0));
  Tensor tau = sample("tau", HalfCauchy(5.0));
  Plate schools("school", 8);
  Tensor theta = sample("theta", Normal(mu, tau));
  sample("y", Normal(theta, sigma), y);
}

void regression(const Tensor& x, const Observed& y) {
  Tensor a = sample("a", Normal(0.0, 2.0)), s = sample("s", HalfNormal(1.0));
  Tensor b = sample("b", Normal(zeros({3}), 1.0));
  sample("y", Normal(a + matmul(x, b), s), y);
}

void logistic(const Tensor& x, const Observed& y) {
  Tensor b = sample("b", Normal(zeros({20}), 1.0));
  sample("y", Bernoulli({.logits = matmul(x, b)}), y);
}

/// examples/stochastic_volatility.cpp
void volatility(const Tensor& like, const Observed& y) {
  Tensor mu = sample("mu", Cauchy(0.0, 10.0)), phi = sample("phi", Uniform(-1.0, 1.0)), sigma = sample("sigma", HalfCauchy(5.0));
  Tensor e = plate("shock", like.size(), [&] { return sample("e", Normal(0.0, 1.0)); });
  Tensor start = sigma * e[0] / sqrt(1.0 - square(phi));
  auto [last, path] = scan(start, sigma * e[from(1)], [&](const Tensor& deviation, const Tensor& shock) {
    Tensor next = phi * deviation + shock;
    return std::pair{next, next};
  });
  Plate days("day", like.size());
  sample("y", Normal(0.0, exp(0.5 * (mu + concat({start[newaxis], path})))), y);
}

/// examples/hidden_markov.cpp
void hidden(int K, int T, const Observed& y) {
  Tensor P = plate("state", K, [&] { return sample("transition", Dirichlet(ones(K))); });
  Tensor mu = sample("mu", Normal(0.0, 5.0).expand({K}).to_event().restricted(constraints::ordered));
  Tensor z = sample("z", MarkovChain(P, Categorical(ones(K) / double(K)), T));
  Plate time("time", T);
  sample("y", Normal(mu[z], 1.0), y);
}

const MCMCOptions kShort{.num_warmup = 1, .num_samples = 1, .num_chains = 1, .progress = false};

void fitSchools() {
  Tensor y{28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0}, sigma{15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0};
  MCMC(NUTS(reparam(eight_schools, {{"theta", LocScaleReparam(0.0)}})), kShort).run(Key(3), sigma, y);
}
void fitRegression() {
  Tensor x = normal(Key(1), {90, 3});
  MCMC(NUTS(regression), kShort).run(Key(5), x, matmul(x, Tensor{1.0, -1.0, 0.5}) + 0.3 * normal(Key(2), {90}));
}
void fitLogistic() {
  Tensor x = normal(Key(1), {1000, 20});
  MCMC(NUTS(logistic), kShort).run(Key(5), x, (matmul(x, ones({20})) > 0.0).cast(f64));
}
void fitVolatility() {
  Tensor y = normal(Key(4), {500});
  MCMC(NUTS(volatility), kShort).run(Key(5), y, y);
}
void fitHidden() { MCMC(NUTS(marginalize(hidden, {"z"})), kShort).run(Key(0), 2, 300, normal(Key(4), {300})); }

/// The largest program of a run, which is the sampler.
KeptProgram samplerOf(void (*fit)()) {
  const GroupScope scope(0);
  fit();
  KeptProgram largest;
  std::size_t size = 0;
  for (const auto& p : scope.programs())
    if (const auto n = p.program->text().size(); n > size) {
      largest = p;
      size = n;
    }
  return largest;
}

struct Budget {
  gpu::Unit unit;
  std::int64_t threads;
  int registers;
};

constexpr auto kSegment = gpu::Unit::segment;
constexpr auto kBlock = gpu::Unit::block;
constexpr int kSlack = 4;  // registers: what another release of ptxas may do differently

void expectWithin(void (*fit)(), std::initializer_list<Budget> budgets) {
  if (ptxas().empty()) GTEST_SKIP() << "ptxas of the CUDA toolkit is not installed";
  const auto sampler = samplerOf(fit);
  const auto& traced = ir::traced(*sampler.program);
  for (const Budget& b : budgets) {
    SCOPED_TRACE((b.unit == kBlock ? "a block of " : "groups of ") + std::to_string(b.threads));
    const auto ptx = gpu::compilePtx(traced, {.unit = b.unit, .threads = b.threads, .varying_argument = sampler.options.varying_argument});
    const auto out = assemble(ptx.text);
    EXPECT_EQ(out.messages, "");
    EXPECT_LE(out.registers, b.registers + kSlack);
    EXPECT_EQ(out.spilled, 0);
    EXPECT_EQ(out.stack, 0);
    EXPECT_EQ(ptx.shared_bytes, 0) << "their workspaces are larger than a block's share";
  }
}

// sm_90, ptxas 13.0. The table in docs/design/threads.md has the same numbers.
TEST(Budgets, EightSchools) {
  expectWithin(fitSchools, {{kSegment, 1, 106}, {kSegment, 8, 114}, {kSegment, 32, 130}, {kBlock, 128, 122}});
}
TEST(Budgets, Regression) {
  expectWithin(fitRegression, {{kSegment, 1, 160}, {kSegment, 8, 148}, {kSegment, 32, 166}, {kBlock, 128, 174}});
}
TEST(Budgets, StochasticVolatility) {
  expectWithin(fitVolatility, {{kSegment, 8, 126}, {kSegment, 32, 134}, {kBlock, 128, 128}});
}
TEST(Budgets, HiddenMarkov) {
  expectWithin(fitHidden, {{kSegment, 1, 200}, {kSegment, 8, 156}, {kSegment, 32, 168}, {kBlock, 128, 186}});
}
TEST(Budgets, Logistic) {
  expectWithin(fitLogistic, {{kSegment, 8, 154}, {kSegment, 32, 174}, {kBlock, 128, 166}});
}

}  // namespace
}  // namespace nuthatch::test
