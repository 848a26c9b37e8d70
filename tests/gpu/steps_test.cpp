// Cut programs on a GPU: the simulated one, or that of NUTHATCH_CUDA.
#include <cmath>
#include <cstdlib>
#include <cstring>

#include <gtest/gtest.h>

#include "backends/gpu/cuts.h"
#include "backends/gpu/schedule_memory.h"
#include "nuthatch/nuthatch.h"
#include "tests/cpu/support.h"
#include "tests/errors/messages.h"
#include "tests/gpu/card.h"

namespace nuthatch::test {
namespace {

const bool ready = (useSimulatedCard(), true);

/// While it lives, small programs are cut too.
class SmallCuts {
 public:
  SmallCuts() : before(gpu::usualCuts()) {
    auto& o = gpu::usualCuts();
    o.least_flops = 200, o.least_extent = 3, o.least_rows = 12;
  }
  ~SmallCuts() { gpu::usualCuts() = before; }
  SmallCuts(const SmallCuts&) = delete;
  SmallCuts& operator=(const SmallCuts&) = delete;

 private:
  gpu::CutOptions before;
};

class GraphsScope {
 public:
  explicit GraphsScope(const char* how) { ::setenv("NUTHATCH_GPU_GRAPHS", how, 1); }
  ~GraphsScope() { ::unsetenv("NUTHATCH_GPU_GRAPHS"); }
  GraphsScope(const GraphsScope&) = delete;
  GraphsScope& operator=(const GraphsScope&) = delete;
};

void expectClose(const Tensor& a, const Tensor& b, double rounding) {
  const auto x = a.to_vector<double>(), y = b.to_vector<double>();
  ASSERT_EQ(x.size(), y.size());
  double largest = 0;
  for (double v : x) largest = std::max(largest, std::abs(v));
  for (std::size_t i = 0; i < x.size(); ++i) ASSERT_LE(std::abs(x[i] - y[i]), rounding * largest) << "element " << i;
}
void expectSame(const Tensor& a, const Tensor& b) {
  const auto x = a.to_vector<double>(), y = b.to_vector<double>();
  ASSERT_EQ(x.size(), y.size());
  EXPECT_EQ(std::memcmp(x.data(), y.data(), x.size() * sizeof(double)), 0);
}

JitOptions onGpu() { return {.device = Device::gpu(0)}; }

TEST(Steps, GradientOfANetwork) {
  const SmallCuts scope;
  const auto f = [](const Tensor& w, const Tensor& v, const Tensor& x, const Tensor& y) {
    auto loss = [&](const Tensor& w, const Tensor& v) { return sum(square(matmul(tanh(matmul(x, w)), v) - y)); };
    return value_and_grad<0, 1>(loss)(w, v);
  };
  Tensor w = normal(Key(1), {9, 14}), v = normal(Key(2), {14, 5}), x = normal(Key(3), {30, 9}), y = normal(Key(4), {30, 5});
  const auto here = jit(f)(w, v, x, y);
  auto compiled = jit(f, onGpu());
  for (int run = 0; run < 2; ++run) {
    const auto there = compiled(w, v, x, y);
    expectClose(here.first, there.first, 1e-12);
    expectClose(std::get<0>(here.second), std::get<0>(there.second), 1e-12);
    expectClose(std::get<1>(here.second), std::get<1>(there.second), 1e-12);
  }
}

TEST(Steps, ProductsLyingEveryWay) {
  const SmallCuts scope;
  const auto f = [](const Tensor& a, const Tensor& b, const Tensor& c) {
    return std::tuple(matmul(transpose(a), b), matmul(a, transpose(a)), matmul(transpose(a), transpose(b(all, all) * 0.5 + transpose(c))),
                      matmul(c, swapaxes(c, -1, -2)));
  };
  Tensor a = normal(Key(1), {8, 8}), b = normal(Key(2), {8, 8}), c = normal(Key(3), {8, 8});
  const auto here = jit(f)(a, b, c), there = jit(f, onGpu())(a, b, c);
  expectClose(std::get<0>(here), std::get<0>(there), 1e-13);
  expectClose(std::get<1>(here), std::get<1>(there), 1e-13);
  expectClose(std::get<2>(here), std::get<2>(there), 1e-13);
  expectClose(std::get<3>(here), std::get<3>(there), 1e-13);
}

TEST(Steps, AttentionInSinglePrecision) {
  const SmallCuts scope;
  const auto f = [](const Tensor& q, const Tensor& k, const Tensor& v) {
    Tensor weights = exp(matmul(q, swapaxes(k, -1, -2)) * Tensor(0.3f));
    return matmul(weights / sum(weights, {.axis = -1, .keepdims = true}), v);
  };
  auto x = [](int key) { return normal(Key(key), {3, 10, 6}).cast(f32); };
  expectClose(jit(f)(x(1), x(2), x(3)).cast(f64), jit(f, onGpu())(x(1), x(2), x(3)).cast(f64), 1e-6);
}

TEST(Steps, GaussianProcess) {
  const SmallCuts scope;
  const auto f = [](const Tensor& theta, const Tensor& x, const Tensor& y) {
    return value_and_grad([&](const Tensor& t) {
      Tensor k = exp(t[0]) * exp(-0.5 * square((x(all, newaxis) - x(newaxis, all)) / exp(t[1]))) + exp(t[2]) * eye(x.size(0));
      Tensor l = cholesky(k);
      return -0.5 * sum(square(triangular_solve(l, y))) - sum(log(diagonal(l)));
    })(theta);
  };
  Tensor theta{0.1, -0.3, -1.0}, x = normal(Key(1), {40}), y = normal(Key(2), {40});
  const auto here = jit(f)(theta, x, y), there = jit(f, onGpu())(theta, x, y);
  expectClose(here.first, there.first, 1e-10);
  expectClose(here.second, there.second, 1e-9);
}

TEST(Steps, FactorOfWhatIsNotPositive) {
  const SmallCuts scope;
  Tensor x = stack({eye(15) * 2.0, eye(15) - 0.5, -1.0 * eye(15)});
  const auto here = jit([](const Tensor& a) { return cholesky(a); })(x).to_vector<double>();
  const auto there = jit([](const Tensor& a) { return cholesky(a); }, onGpu())(x).to_vector<double>();
  for (std::size_t i = 0; i < 225; ++i) EXPECT_NEAR(here[i], there[i], 1e-14);
  for (std::size_t i = 225; i < here.size(); ++i) {
    const std::size_t row = i % 225 / 15, column = i % 15;
    if (column > row) EXPECT_EQ(there[i], 0.0);
    else EXPECT_TRUE(std::isnan(there[i])) << i;
  }
}

struct State {
  Tensor m, n;
  static constexpr auto fields = names("m", "n");
};

TEST(Steps, Loops) {
  const SmallCuts scope;
  const auto f = [](const Tensor& a, const Tensor& b, const Tensor& many) {
    auto [last, rows] = scan(b, many, [&](const Tensor& s, const Tensor& m) {
      Tensor next = tanh(matmul(a, s) + m);
      return std::pair{next, next(0)};
    });
    auto end = while_loop(State{b, sum(many) * 0.0}, [&](const State& s) { return s.n < 21.0; },
                          [&](const State& s) { return State{sin(matmul(a, s.m)), s.n + 1.0}; });
    return std::tuple(last, rows, end.m, end.n);
  };
  Tensor a = normal(Key(1), {6, 6}), b = normal(Key(2), {6, 6}), many = normal(Key(3), {7, 6, 6});
  const auto here = jit(f)(a, b, many);
  for (const char* how : {"never", "always"}) {
    const GraphsScope graphs(how);
    auto compiled = jit(f, onGpu());
    for (int run = 0; run < 2; ++run) {
      const auto there = compiled(a, b, many);
      expectClose(std::get<0>(here), std::get<0>(there), 1e-11);
      expectClose(std::get<1>(here), std::get<1>(there), 1e-11);
      expectClose(std::get<2>(here), std::get<2>(there), 1e-9);
      expectSame(std::get<3>(here), std::get<3>(there));
    }
  }
}

TEST(Steps, BadSetting) {
  const SmallCuts scope;
  const GraphsScope graphs("sometimes");
  Tensor a = normal(Key(1), {6, 6});
  EXPECT_NE(text_of_error([&] { jit([](const Tensor& x) { return matmul(x, x); }, onGpu())(a); }).find("NUTHATCH_GPU_GRAPHS is 'sometimes'"),
            std::string::npos);
}

/// A program of chains, on the card and chain by chain in the interpreter.
void expectSolves(const std::string& kind, bool sharedMatrix) {
  SCOPED_TRACE(kind);
  auto program = parse("func.func @main(%a: tensor<14x14xf64>, %b: tensor<14xf64>) -> tensor<14xf64> {\n"
                       "  %c = nh.reshape %b {shape = array<i64: 14, 1>} : (tensor<14xf64>) -> tensor<14x1xf64>\n"
                       "  %y = nh.triangular_solve %a, %c {" + kind + "} : (tensor<14x14xf64>, tensor<14x1xf64>) -> tensor<14x1xf64>\n"
                       "  %r = nh.reshape %y {shape = array<i64: 14>} : (tensor<14x1xf64>) -> tensor<14xf64>\n"
                       "  return %r : tensor<14xf64>\n}");
  constexpr std::int64_t chains = 3;
  std::mt19937 g(7);
  Array a = randomArray(f64, sharedMatrix ? Shape{14, 14} : Shape{chains, 14, 14}, g), b = randomArray(f64, {chains, 14}, g);
  for (std::int64_t i = 0; i < a.num_elements(); ++i)
    if (i % 196 % 15 == 0) a.as<double>()[i] += 6.0;  // the diagonal
  detail::LaneOptions options;
  options.varying_argument = {!sharedMatrix, true};
  options.varying_result = {true};
  options.chains = chains;
  auto compiled = detail::executor(Device::gpu(0)).compile_lanes(program, options);
  EXPECT_NE(compiled->dump("explain").find(sharedMatrix ? "for the vectors of 3 chains" : "3 times solve"), std::string::npos) << compiled->dump("explain");
  const auto got = compiled->run({a, b}, chains, 1, {});
  for (std::int64_t c = 0; c < chains; ++c) {
    Array matrix(f64, {14, 14}), side(f64, {14});
    std::memcpy(matrix.data.get(), a.data.get() + (sharedMatrix ? 0 : std::size_t(c) * matrix.bytes()), matrix.bytes());
    std::memcpy(side.data.get(), b.data.get() + std::size_t(c) * side.bytes(), side.bytes());
    const auto want = detail::interpret(*program, {matrix, side})[0];
    double largest = 0;
    for (int i = 0; i < 14; ++i) largest = std::max(largest, std::abs(want.as<double>()[i]));
    for (int i = 0; i < 14; ++i) EXPECT_NEAR(want.as<double>()[i], got[0].as<double>()[c * 14 + i], 1e-10 * largest) << "chain " << c;
  }
}

TEST(Steps, SolvesOfChains) {
  const SmallCuts scope;
  for (bool shared : {true, false})
    for (const char* kind : {"lower = true, transpose = false, unit_diagonal = false", "lower = true, transpose = true, unit_diagonal = false",
                             "lower = false, transpose = false, unit_diagonal = true", "lower = false, transpose = true, unit_diagonal = false"})
      expectSolves(kind, shared);
}

void regression(const Tensor& x, const Observed& y) {
  Tensor a = sample("a", Normal(0.0, 2.5));
  Tensor b = sample("b", Normal(zeros({x.size(1)}), 1.0));
  sample("y", Bernoulli({.logits = a + matmul(x, b)}), y);
}

Fit fit(const Device& device) {
  Tensor x = normal(Key(1), {25, 4}), y = (matmul(x, Tensor{1.0, -1.0, 0.5, 0.0}) > 0.2 * normal(Key(2), {25})).cast(f64);
  return MCMC(NUTS(regression), {.num_warmup = 12, .num_samples = 6, .num_chains = 3, .progress = false, .device = device}).run(Key(5), x, y);
}

TEST(Steps, NutsIsThatOfTheProcessors) {
  const auto here = fit(Device::cpu());
  const SmallCuts scope;
  const auto launches = simulated("graph_launches");
  std::optional<Fit> first;
  for (const char* how : {"never", "always"}) {
    const GraphsScope graphs(how);
    auto there = fit(Device::gpu(0));
    expectClose(here["b"], there["b"], 1e-6);
    if (first) expectSame((*first)["b"], there["b"]);
    else first = std::move(there);
  }
  if (isSimulated()) EXPECT_GT(simulated("graph_launches"), launches);
}

/// Arrays share memory only when they are not needed at the same time.
TEST(Steps, PlacesOfArrays) {
  gpu::Schedule s;
  for (int k = 0; k < 6; ++k) s.values.push_back({{f64, {100}}, k != 1});
  s.arguments = {0};
  s.results = {5};
  auto kernel = [](std::vector<gpu::ValueId> in, std::vector<gpu::ValueId> out) {
    gpu::Kernel k;
    k.arguments = std::move(in), k.results = std::move(out);
    return gpu::Step{k};
  };
  s.steps = {kernel({0}, {1, 2}), kernel({2}, {3}), kernel({3, 1}, {4}), kernel({4}, {5})};
  const auto places = gpu::placesOf(s, 10);
  EXPECT_EQ(places.offset[0], -1);
  EXPECT_EQ(places.offset[5], -1);
  EXPECT_EQ(places.offset[2], places.offset[4]);
  EXPECT_NE(places.offset[2], places.offset[3]);
  EXPECT_EQ(places.bytes, 2 * 8192 + 1024);
  // In a loop everything of the surroundings that it uses is needed to its end.
  gpu::Loop loop;
  loop.live = 1, loop.body = {kernel({2}, {3}), kernel({3}, {4})};
  s.steps = {kernel({0}, {1, 2}), gpu::Step{loop}, kernel({1}, {5})};
  const auto inLoop = gpu::placesOf(s, 10);
  EXPECT_NE(inLoop.offset[2], inLoop.offset[4]);
}

}  // namespace
}  // namespace nuthatch::test
