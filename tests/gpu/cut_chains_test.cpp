// Programs of chains, cut: products of all chains at once, and whole samplers.
#include "backends/gpu/cuts.h"
#include "backends/gpu/ptx.h"
#include "nuthatch/nuthatch.h"
#include "tests/cpu/support.h"
#include "tests/gpu/cut_executor.h"
#include "tests/gpu/group_executor.h"
#include "tests/gpu/ptxas.h"

namespace nuthatch::test {
namespace {

gpu::CutOptions smallSizes(std::int64_t chains) {
  gpu::CutOptions o;
  o.chains = chains, o.least_flops = 200, o.least_extent = 3, o.least_rows = 5;
  return o;
}

/// The program of each chain alone, by the interpreter.
gpu::Schedule expectSameForChains(const std::string& text, std::vector<bool> varying, std::int64_t chains = 5) {
  SCOPED_TRACE(text);
  auto program = parse(text);
  std::mt19937 g(3);
  std::vector<Array> arguments;
  for (std::size_t i = 0; i < varying.size(); ++i) {
    Shape shape;
    if (varying[i]) shape.push_back(chains);
    const auto& t = program->arguments[i];
    shape.insert(shape.end(), t.shape.begin(), t.shape.end());
    arguments.push_back(randomArray(t.dtype, shape, g));
  }
  auto options = smallSizes(chains);
  options.varying_argument = varying;
  auto schedule = gpu::cut(program, options);
  SCOPED_TRACE(gpu::explain(schedule, chains));
  auto got = ReferenceRunner(schedule, detail::executor()).run(arguments, chains);
  for (std::int64_t c = 0; c < chains; ++c) {
    std::vector<Array> own;
    for (std::size_t i = 0; i < varying.size(); ++i) {
      const auto& t = program->arguments[i];
      own.emplace_back(t.dtype, t.shape);
      std::memcpy(own[i].data.get(), arguments[i].data.get() + (varying[i] ? std::size_t(c) * own[i].bytes() : 0), own[i].bytes());
    }
    auto expected = detail::interpret(*program, own);
    for (std::size_t r = 0; r < expected.size(); ++r)
      expectSameBits(expected[r], got[r].data.get() + std::size_t(c) * expected[r].bytes(), "chain " + std::to_string(c) + ", result " + std::to_string(r));
  }
  return schedule;
}

std::vector<gpu::Product> products(const gpu::Schedule& s) {
  std::vector<gpu::Product> out;
  for (const auto* step : gpu::allSteps(s.steps))
    if (auto* p = std::get_if<gpu::Product>(&step->what)) out.push_back(*p);
  return out;
}
template <class What>
int count(const gpu::Schedule& s) {
  int n = 0;
  for (const auto* step : gpu::allSteps(s.steps)) n += std::holds_alternative<What>(step->what);
  return n;
}

std::string dot(const char* contract, const char* from, const char* to, const char* result) {
  return std::string("func.func @main(%x: ") + from + ", %y: " + to + ") -> " + result + R"( {
    %b = nh.unary sin %y : )" + to + " -> " + to + R"(
    %d = nh.dot_general %x, %b {lhs_batch = array<i64>, rhs_batch = array<i64>, )" + contract + "} : (" + from + ", " + to + ") -> " + result + R"(
    %r = nh.unary tanh %d : )" + result + " -> " + result + "\n    return %r : " + result + "\n}\n";
}

TEST(CutChains, MatrixTimesTheVectorsOfAllChainsIsOneProduct) {
  for (bool transposed : {false, true}) {
    auto s = transposed ? expectSameForChains(dot("lhs_contract = array<i64: 0>, rhs_contract = array<i64: 0>", "tensor<7x30xf64>", "tensor<7xf64>", "tensor<30xf64>"), {false, true})
                        : expectSameForChains(dot("lhs_contract = array<i64: 1>, rhs_contract = array<i64: 0>", "tensor<30x7xf64>", "tensor<7xf64>", "tensor<30xf64>"), {false, true});
    const auto p = products(s);
    ASSERT_EQ(p.size(), 1u);
    EXPECT_TRUE(p[0].rows_of_chains);
    EXPECT_EQ(p[0].m, 1);
    EXPECT_EQ(p[0].n, 30);
    EXPECT_EQ(p[0].k, 7);
  }
}

TEST(CutChains, RowsOfChainsTimesAMatrix) {
  auto s = expectSameForChains(dot("lhs_contract = array<i64: 1>, rhs_contract = array<i64: 1>", "tensor<4x7xf64>", "tensor<9x7xf64>", "tensor<4x9xf64>"), {true, false});
  ASSERT_EQ(products(s).size(), 1u);
  EXPECT_TRUE(products(s)[0].rows_of_chains);
  EXPECT_EQ(products(s)[0].m, 4);
}

TEST(CutChains, OtherProductsAreBatches) {
  for (auto varying : std::vector<std::vector<bool>>{{true, true}, {false, true}}) {
    auto s = expectSameForChains(dot("lhs_contract = array<i64: 1>, rhs_contract = array<i64: 0>", "tensor<6x7xf64>", "tensor<7x8xf64>", "tensor<6x8xf64>"), varying);
    ASSERT_EQ(products(s).size(), 1u);
    EXPECT_TRUE(products(s)[0].batch_of_chains);
    EXPECT_EQ(products(s)[0].a.batch_stride, varying[0] ? 42 : 0);
  }
  // A matrix and a vector of each chain are not for a library.
  auto s = expectSameForChains(dot("lhs_contract = array<i64: 1>, rhs_contract = array<i64: 0>", "tensor<60x70xf64>", "tensor<70xf64>", "tensor<60xf64>"), {true, true});
  EXPECT_TRUE(s.whole());
}

TEST(CutChains, WhatAllChainsShareIsComputedOnce) {
  auto s = expectSameForChains(R"(func.func @main(%x: tensor<8x20xf64>, %y: tensor<20xf64>) -> (tensor<8xf64>, tensor<8x20xf64>, tensor<f64>) {
    %e = nh.unary exp %x : tensor<8x20xf64> -> tensor<8x20xf64>
    %p = nh.dot_general %e, %y {lhs_batch = array<i64>, rhs_batch = array<i64>, lhs_contract = array<i64: 1>, rhs_contract = array<i64: 0>} : (tensor<8x20xf64>, tensor<20xf64>) -> tensor<8xf64>
    %q = nh.unary sin %p : tensor<8xf64> -> tensor<8xf64>
    %s = nh.reduce sum %e {dims = array<i64: 0, 1>} : (tensor<8x20xf64>) -> tensor<f64>
    %z = nh.broadcast %s {dims = array<i64>, shape = array<i64: 8>} : (tensor<f64>) -> tensor<8xf64>
    %r = nh.binary mul %q, %z : tensor<8xf64>
    return %r, %e, %s : tensor<8xf64>, tensor<8x20xf64>, tensor<f64>
  })", {false, true});
  ASSERT_EQ(s.steps.size(), 3u);
  EXPECT_FALSE(std::get<gpu::Kernel>(s.steps[0].what).varying);
  EXPECT_TRUE(std::get<gpu::Kernel>(s.steps[2].what).varying);
}

/// Chains leave at different times and keep what they had then.
TEST(CutChains, LoopsThatChainsLeaveAtDifferentTimes) {
  auto s = expectSameForChains(R"(func.func @main(%x: tensor<6x6xf64>, %v: tensor<6xf64>, %n: tensor<i64>) -> (tensor<6xf64>, tensor<i64>, tensor<6xf64>) {
    %c = nh.constant dense<1> : tensor<i64>
    %h = nh.constant dense<3> : tensor<i64>
    %w:3 = nh.while %v, %n, %v attributes {max_trip = -1 : i64} : (tensor<6xf64>, tensor<i64>, tensor<6xf64>) -> (tensor<6xf64>, tensor<i64>, tensor<6xf64>) {
    ^bb0(%a: tensor<6xf64>, %i: tensor<i64>, %o: tensor<6xf64>):
      %m = nh.compare lt %i, %h : (tensor<i64>, tensor<i64>) -> tensor<i1>
      nh.yield %m : tensor<i1>
    } {
    ^bb0(%a: tensor<6xf64>, %i: tensor<i64>, %o: tensor<6xf64>):
      %b = nh.dot_general %x, %a {lhs_batch = array<i64>, rhs_batch = array<i64>, lhs_contract = array<i64: 1>, rhs_contract = array<i64: 0>} : (tensor<6x6xf64>, tensor<6xf64>) -> tensor<6xf64>
      %s = nh.unary sin %b : tensor<6xf64> -> tensor<6xf64>
      %k = nh.binary add %i, %c : tensor<i64>
      nh.yield %s, %k, %b : tensor<6xf64>, tensor<i64>, tensor<6xf64>
    }
    return %w#0, %w#1, %w#2 : tensor<6xf64>, tensor<i64>, tensor<6xf64>
  })", {false, true, true});
  EXPECT_EQ(count<gpu::Loop>(s), 1);
  EXPECT_EQ(products(s).size(), 1u);
}

void regression(const Tensor& x, const Observed& y) {
  Tensor a = sample("a", Normal(0.0, 2.5));
  Tensor b = sample("b", Normal(zeros({x.size(1)}), 1.0));
  sample("y", Bernoulli({.logits = a + matmul(x, b)}), y);
}

template <class Sampler>
Fit fitRegression(const Sampler& sampler) {
  Tensor x = normal(Key(1), {40, 5}), y = (matmul(x, Tensor{1.0, -1.0, 0.5, 0.0, 0.3}) > 0.2 * normal(Key(2), {40})).cast(f64);
  return MCMC(sampler, {.num_warmup = 40, .num_samples = 30, .num_chains = 5, .progress = false}).run(Key(5), x, y);
}

void expectSame(const Tensor& a, const Tensor& b, const std::string& what) {
  const auto x = a.to_vector<double>(), y = b.to_vector<double>();
  ASSERT_EQ(x.size(), y.size());
  EXPECT_EQ(std::memcmp(x.data(), y.data(), x.size() * sizeof(double)), 0) << what;
}

template <class Sampler>
void expectSameDraws(const Sampler& sampler, const std::string& what) {
  auto whole = [&] { const GroupScope scope(0); return fitRegression(sampler); }();
  const CutScope scope(smallSizes(5));
  auto cut = fitRegression(sampler);
  int loops = 0;
  for (const auto& s : scope.schedules()) {
    for (const auto* step : gpu::allSteps(s.steps))
      if (auto* l = std::get_if<gpu::Loop>(&step->what))
        for (const auto* inner : gpu::allSteps(l->body)) loops += std::holds_alternative<gpu::Product>(inner->what);
  }
  EXPECT_GE(loops, 2) << what << " is not cut";
  expectSame(whole["a"], cut["a"], what);
  expectSame(whole["b"], cut["b"], what);
}

TEST(CutChains, NutsHasTheDrawsOfTheWholeProgram) { expectSameDraws(NUTS(regression), "NUTS"); }
TEST(CutChains, HmcHasTheDrawsOfTheWholeProgram) { expectSameDraws(HMC(regression), "HMC"); }

/// One call after the other would take longer than all chains at once.
TEST(CutChains, FactorsOfFewMatricesOnly) {
  const std::string text = R"(func.func @main(%x: tensor<6x6xf64>) -> tensor<6x6xf64> {
    %l = nh.cholesky %x : (tensor<6x6xf64>) -> tensor<6x6xf64>
    %d = nh.triangular_solve %l, %x {lower = true, transpose = false, unit_diagonal = false} : (tensor<6x6xf64>, tensor<6x6xf64>) -> tensor<6x6xf64>
    return %d : tensor<6x6xf64>
  })";
  for (std::int64_t chains : {3, 17}) {
    auto options = smallSizes(chains);
    options.varying_argument = {true};
    const auto s = gpu::cut(parse(text), options);
    EXPECT_EQ(count<gpu::Factor>(s), chains == 3);
    EXPECT_EQ(count<gpu::Substitution>(s), chains == 3);
  }
}

/// The sampler of a regression with 10,000 rows and 20 columns for 1,024 chains, as it is cut without any hint.
gpu::Schedule largeRegression() {
  const GroupScope scope(0);
  Tensor x = normal(Key(1), {10'000, 20}), y = (x(all, 0) > 0.0).cast(f64);
  MCMC(NUTS(regression), {.num_warmup = 1, .num_samples = 1, .num_chains = 1, .progress = false}).run(Key(5), x, y);
  const auto& [program, options] = scope.programs().back();
  return gpu::cut(program, {.varying_argument = options.varying_argument, .chains = 1024});
}

TEST(CutChains, LargeRegression) {
  const auto s = largeRegression();
  SCOPED_TRACE(gpu::explain(s, 1024));
  const auto all = products(s);
  ASSERT_EQ(all.size(), 2u);  // forwards and backwards
  for (const auto& p : all) EXPECT_TRUE(p.rows_of_chains);
  EXPECT_EQ(all[0].n, 10'000);
  EXPECT_EQ(all[1].k, 10'000);
  EXPECT_EQ(count<gpu::Loop>(s), 1);
  EXPECT_EQ(count<gpu::Kernel>(s), 4);  // one before the loop, three in it
}

TEST(CutChains, KernelsHaveNoLocalMemory) {
  if (ptxas().empty()) GTEST_SKIP() << "ptxas of the CUDA toolkit is not installed";
  const auto s = largeRegression();
  for (const auto* step : gpu::allSteps(s.steps)) {
    const auto* kernel = std::get_if<gpu::Kernel>(&step->what);
    if (!kernel) continue;
    const auto ptx = gpu::compilePtx(ir::traced(*kernel->program), {.threads = 8, .varying_argument = kernel->varying_argument});
    const auto out = assemble(ptx.text);
    EXPECT_EQ(out.messages, "");
    EXPECT_EQ(out.stack, 0);
    EXPECT_EQ(out.spilled, 0);
  }
}

}  // namespace
}  // namespace nuthatch::test
