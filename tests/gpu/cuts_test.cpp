// Programs cut at large products and factorisations give what they give uncut.
#include "backends/gpu/cuts.h"

#include <gtest/gtest.h>

#include "nuthatch/nuthatch.h"
#include "tests/cpu/support.h"
#include "tests/gpu/schedule_reference.h"

namespace nuthatch::test {
namespace {

gpu::CutOptions smallSizes() {
  gpu::CutOptions o;
  o.least_flops = 1, o.least_extent = 2, o.least_rows = 3;
  return o;
}

template <class What>
int count(const gpu::Schedule& s) {
  int n = 0;
  for (const auto* step : gpu::allSteps(s.steps)) n += std::holds_alternative<What>(step->what);
  return n;
}

std::vector<Array> withCaptures(const detail::Program& p, std::vector<Array> arguments) {
  arguments.insert(arguments.end(), p.captures.begin(), p.captures.end());
  return arguments;
}

/// Where `rounding` is 0, bit for bit.
void expectClose(const Array& a, const Array& b, double rounding, const std::string& what) {
  ASSERT_EQ(a.bytes(), b.bytes()) << what;
  if (rounding == 0 || a.dtype != f64) return expectSameBits(a, b.data.get(), what);
  double largest = 0;
  for (std::int64_t i = 0; i < a.num_elements(); ++i)
    if (std::isfinite(a.as<double>()[i])) largest = std::max(largest, std::abs(a.as<double>()[i]));
  for (std::int64_t i = 0; i < a.num_elements(); ++i) {
    const double x = a.as<double>()[i], y = b.as<double>()[i];
    if (std::isnan(x) && std::isnan(y)) continue;
    ASSERT_LE(std::abs(x - y), rounding * largest) << what << ", element " << i;
  }
}

gpu::Schedule expectSame(const detail::ProgramPtr& program, const std::vector<Array>& arguments, gpu::CutOptions o, double rounding = 0) {
  auto expected = detail::executor().compile(program)->run(arguments);
  auto schedule = gpu::cut(program, o);
  SCOPED_TRACE(gpu::explain(schedule, 1));
  ReferenceRunner runner(schedule, detail::executor());
  auto got = runner.run(withCaptures(*program, arguments), 1);
  EXPECT_EQ(expected.size(), got.size());
  for (std::size_t i = 0; i < got.size(); ++i) expectClose(expected[i], got[i], rounding, "result " + std::to_string(i));
  return schedule;
}

detail::ProgramPtr traceOf(const std::vector<detail::TensorType>& types, const std::function<std::vector<Tensor>(const std::vector<Tensor>&)>& f) {
  return detail::trace_program(types, [&](const detail::Values& values) {
    std::vector<Tensor> in;
    for (const auto& v : values) in.push_back(detail::wrap(v));
    detail::Values out;
    for (const auto& t : f(in)) out.push_back(detail::value(t));
    return out;
  }, std::source_location::current());
}

std::vector<Array> randomArguments(const detail::Program& p, unsigned seed = 1) {
  std::mt19937 g(seed);
  std::vector<Array> out;
  for (const auto& t : p.arguments) out.push_back(randomArray(t.dtype, t.shape, g));
  return out;
}

TEST(Cuts, NothingLargeIsOneKernel) {
  auto program = traceOf({{f64, {20, 20}}}, [](const auto& x) { return std::vector<Tensor>{exp(matmul(x[0], x[0])) + 1.0}; });
  auto schedule = expectSame(program, randomArguments(*program), {});
  EXPECT_TRUE(schedule.whole());
}

TEST(Cuts, GradientOfANetwork) {
  const std::vector<detail::TensorType> types{{f64, {30, 20}}, {f64, {20}}, {f64, {20, 10}}, {f64, {64, 30}}, {f64, {64, 10}}};
  auto program = traceOf(types, [](const auto& x) {
    auto loss = [&](const Tensor& w, const Tensor& b, const Tensor& v) { return sum(square(matmul(tanh(matmul(x[3], w) + b), v) - x[4])); };
    auto [value, slopes] = value_and_grad<0, 1, 2>(loss)(x[0], x[1], x[2]);
    auto [a, b, c] = slopes;
    return std::vector<Tensor>{value, a, b, c};
  });
  auto schedule = expectSame(program, randomArguments(*program), smallSizes());
  EXPECT_EQ(count<gpu::Product>(schedule), 5);
  EXPECT_LE(count<gpu::Kernel>(schedule), 4);
}

TEST(Cuts, AttentionIsTwoBatchedProducts) {
  const std::vector<detail::TensorType> types(3, {f64, {4, 24, 8}});
  auto program = traceOf(types, [](const auto& x) {
    Tensor scores = matmul(x[0], swapaxes(x[1], -1, -2)) / 3.0;
    Tensor weights = exp(scores - max(scores, {.axis = -1, .keepdims = true}));
    return std::vector<Tensor>{matmul(weights / sum(weights, {.axis = -1, .keepdims = true}), x[2])};
  });
  auto schedule = expectSame(program, randomArguments(*program), smallSizes());
  EXPECT_EQ(count<gpu::Product>(schedule), 2);
  EXPECT_EQ(count<gpu::Kernel>(schedule), 1);
}

Tensor gaussianProcess(const Tensor& theta, const Tensor& x, const Tensor& y) {
  const auto n = x.size(0);
  Tensor difference = x(all, newaxis) - x(newaxis, all);
  Tensor k = exp(theta[0]) * exp(-0.5 * square(difference) / exp(2.0 * theta[1])) + exp(theta[2]) * eye(n);
  Tensor l = cholesky(k);
  Tensor z = triangular_solve(l, y);
  return -0.5 * sum(square(z)) - sum(log(diagonal(l)));
}

TEST(Cuts, GaussianProcessOf300Points) {
  const std::vector<detail::TensorType> types{{f64, {3}}, {f64, {300}}, {f64, {300}}};
  auto program = traceOf(types, [](const auto& x) {
    auto [value, slope] = value_and_grad([&](const Tensor& t) { return gaussianProcess(t, x[1], x[2]); })(x[0]);
    return std::vector<Tensor>{value, slope};
  });
  auto schedule = expectSame(program, randomArguments(*program), {}, 1e-9);
  EXPECT_EQ(count<gpu::Factor>(schedule), 1);
  EXPECT_GE(count<gpu::Substitution>(schedule), 1);
}

TEST(Cuts, FactorIsThatOfTheDialect) {
  const std::vector<detail::TensorType> types{{f64, {3, 5, 5}}};
  auto program = traceOf(types, [](const auto& x) { return std::vector<Tensor>{cholesky(x[0])}; });
  // The second is positive definite, the others are not.
  auto arguments = randomArguments(*program);
  for (int i = 0; i < 5; ++i)
    for (int j = 0; j < 5; ++j) arguments[0].as<double>()[25 + 5 * i + j] = i == j ? 4.0 : j > i ? 1000.0 : 1.0 / (1 + i + j);
  auto schedule = gpu::cut(program, smallSizes());
  ASSERT_EQ(count<gpu::Factor>(schedule), 1);
  auto got = ReferenceRunner(schedule, detail::executor()).run(arguments, 1)[0];
  auto expected = detail::interpret(*program, arguments)[0];
  for (int i = 0; i < 75; ++i) {
    const double x = expected.as<double>()[i], y = got.as<double>()[i];
    const int row = i % 25 / 5, column = i % 5;
    if (column > row) EXPECT_EQ(y, 0.0) << i;
    else if (i / 25 == 1) EXPECT_NEAR(x, y, 1e-14) << i;
    else EXPECT_TRUE(std::isnan(y)) << i;
  }
}

TEST(Cuts, PullbackOfAFactor) {
  const std::vector<detail::TensorType> types{{f64, {6, 6}}, {f64, {6, 6}}};
  auto program = traceOf(types, [](const auto& x) {
    Tensor a = matmul(x[0], transpose(x[0])) + 6.0 * eye(6);
    return std::vector<Tensor>{grad([&](const Tensor& t) { return sum(cholesky(t) * x[1]); })(a)};
  });
  auto schedule = expectSame(program, randomArguments(*program), smallSizes(), 1e-12);
  EXPECT_EQ(count<gpu::Substitution>(schedule), 2);
}

TEST(Cuts, ProductsOfSinglePrecision) {
  auto program = traceOf({{f32, {12, 70}}, {f32, {9, 70}}}, [](const auto& x) {
    return std::vector<Tensor>{matmul(x[0], transpose(x[1])) + Tensor(1.0f)};
  });
  EXPECT_EQ(count<gpu::Product>(expectSame(program, randomArguments(*program), smallSizes())), 1);
}

TEST(Cuts, LoopsWithProducts) {
  const std::vector<detail::TensorType> types{{f64, {8, 8}}, {f64, {8, 8}}, {f64, {7, 8, 8}}};
  auto powers = traceOf(types, [](const auto& x) {
    auto [last, rows] = scan(x[1], x[2], [&](const Tensor& s, const Tensor& m) {
      Tensor next = tanh(matmul(x[0], s) + m);
      return std::pair{next, next(0)};
    });
    return std::vector<Tensor>{last, rows};
  });
  auto options = smallSizes();
  auto unrolled = options;
  unrolled.most_unrolled = 8;
  EXPECT_EQ(count<gpu::Loop>(expectSame(powers, randomArguments(*powers), options)), 1);
  auto flat = expectSame(powers, randomArguments(*powers), unrolled);
  EXPECT_EQ(count<gpu::Loop>(flat), 0);
  EXPECT_EQ(count<gpu::Product>(flat), 7);
}

struct State {
  Tensor m, n;
  static constexpr auto fields = names("m", "n");
};

TEST(Cuts, WhileLoopsWithProducts) {
  auto program = traceOf({{f64, {8, 8}}, {f64, {8, 8}}, {i64, {}}}, [](const auto& x) {
    auto last = while_loop(State{x[1], x[2]}, [&](const State& s) { return s.n < 6; },
                           [&](const State& s) { return State{sin(matmul(x[0], s.m)), s.n + 1}; });
    return std::vector<Tensor>{last.m, last.n};
  });
  auto schedule = expectSame(program, randomArguments(*program), smallSizes());
  EXPECT_EQ(count<gpu::Loop>(schedule), 1);
  EXPECT_EQ(count<gpu::Product>(schedule), 1);
  EXPECT_EQ(count<gpu::Kernel>(schedule), 2);  // before the loop and behind the product
}

TEST(Cuts, TextForPeople) {
  auto program = traceOf({{f64, {30, 40}}, {f64, {40, 50}}}, [](const auto& x) { return std::vector<Tensor>{exp(matmul(x[0], x[1]))}; });
  EXPECT_EQ(gpu::explain(gpu::cut(program, smallSizes()), 1),
            "2 steps; 12 kB in arrays between them\n"
            "  cuBLAS: [30, 40] x [40, 50] f64, 0.00012 Gflop, the result has 12 kB\n"
            "  kernel: reads 1 arrays, 12 kB; writes 1 arrays, 12 kB\n");
  EXPECT_EQ(gpu::explain(gpu::cut(program, {}), 1), "one kernel: no matrix product or factorisation is large enough for a library\n");
}

}  // namespace
}  // namespace nuthatch::test
