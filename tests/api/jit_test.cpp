// Compiled functions give what the interpreter gives; when they are traced again; what they keep.
#include <thread>

#include "tests/api/helpers.h"

using namespace nuthatch;

namespace {
struct Line {
  Tensor slope, intercept;
};
const auto wave = [](Tensor x) { return sum(tanh(matmul(x, transpose(x)))); };
Tensor matrix() { return reshape(Tensor{0.3, -0.2, 0.5, 0.1, 0.9, -0.4}, {3, 2}); }
}  // namespace

TEST(Jit, EqualsTheInterpreter) {
  EXPECT_CLOSE(jit(wave)(matrix()), wave(matrix()), 1e-14);
  EXPECT_CLOSE(jit(grad(wave))(matrix()), grad(wave)(matrix()), 1e-14);
  EXPECT_CLOSE(jit(hessian([](Tensor v) { return prod(sin(v)); }))(Tensor{0.1, 0.2, 0.3}),
               hessian([](Tensor v) { return prod(sin(v)); })(Tensor{0.1, 0.2, 0.3}), 1e-14);
  auto loss = [](Tensor w, Tensor x, Tensor y) { return square(dot(w, x) - y); };
  auto per_example = vmap(grad(loss), {.in = {shared, 0, 0}});
  Tensor x = normal(Key(0), {4, 3}), w{1.0, 2.0, 3.0};
  EXPECT_CLOSE(jit(per_example)(w, x, ones(4)), per_example(w, x, ones(4)), 1e-14);
  EXPECT_TENSOR(jit([](Key k) { return uniform(k, {3}); })(Key(5)), uniform(Key(5), {3}));
  EXPECT_CLOSE(jit([](Tensor n) { return fori_loop(1, 11, n, [](Tensor i, Tensor a) { return a * i; }); })(1.0), Tensor(3628800.0).cast(f64), 0);
}

TEST(Jit, CapturesAreData) {
  Tensor scale = Tensor{2.0, 3.0};
  auto f = jit([scale](Tensor x) { return x * scale; });
  EXPECT_TENSOR(f(Tensor{1.0, 1.0}), Tensor{2.0, 3.0});
  EXPECT_TENSOR(f(Tensor{2.0, 1.0}), Tensor{4.0, 3.0});
}

TEST(Jit, TracesOncePerSignature) {
  int traced = 0;
  auto f = jit([&](Tensor x, int n) {
    ++traced;
    return x * n;
  });
  const JitStats before = jit_stats();
  EXPECT_EQ(f(Tensor{1.0}, 3).item(), 3);
  EXPECT_EQ(f(Tensor{2.0}, 3).item(), 6);
  EXPECT_EQ(traced, 1);
  EXPECT_EQ(f(Tensor{2.0}, 4).item(), 8);       // another number
  EXPECT_EQ(f(Tensor{2.0, 1.0}, 4).size(), 2);  // another shape
  EXPECT_EQ(f(ones(1, f32), 4).dtype(), f32);   // another dtype
  EXPECT_EQ(traced, 4);
  const JitStats after = jit_stats();
  EXPECT_EQ(after.calls - before.calls, 5);
  EXPECT_EQ(after.traces - before.traces, 4);
  EXPECT_EQ(f(2.0, 3).item(), 6);
  EXPECT_EQ(f(5.0, 3).item(), 15);  // floating-point numbers are data
  EXPECT_EQ(traced, 5);
}

TEST(Jit, ManySignaturesWarnOnce) {
  auto f = jit([](Tensor x, int n) { return x + n; });
  testing::internal::CaptureStderr();
  for (int n = 0; n < 10; ++n) f(1.0, n);
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("jit_test.cpp:"), std::string::npos);
  EXPECT_NE(text.find("compiled for 8 signatures; numbers that change should be Tensors"), std::string::npos) << text;
  EXPECT_EQ(text.find("jit:"), text.rfind("jit:"));
}

TEST(Jit, Trees) {
  auto f = jit([](Line l, std::vector<Tensor> xs, int k) { return std::pair{Line{l.slope + k, l.intercept}, xs}; });
  auto [l, xs] = f(Line{1.0, Tensor{2.0}}, std::vector<Tensor>{3.0, Tensor{4, 5}}, 10);
  EXPECT_EQ(l.slope.item(), 11);
  EXPECT_TENSOR(xs[1], Tensor{4, 5});
  EXPECT_EQ(f(Line{1.0, Tensor{2.0}}, std::vector<Tensor>{3.0}, 10).second.size(), 1u);
}

TEST(Jit, InsideTransformations) {
  auto f = jit([](Tensor x) { return sum(sin(x)); });
  EXPECT_CLOSE(grad(f)(Tensor{0.5, 1.0}), cos(Tensor{0.5, 1.0}), 1e-15);
  EXPECT_CLOSE(jit([&](Tensor x) { return 2.0 * f(x); })(Tensor{0.5}), Tensor(2 * std::sin(0.5)).cast(f64), 1e-15);
}

TEST(Jit, ErrorsComeFromTheTrace) {
  auto f = jit([](Tensor x) { return x + zeros(3); });
  EXPECT_MESSAGE(f(zeros(2)), "add: cannot broadcast [2] with [3]");
  EXPECT_TENSOR(f(ones(3)), ones(3));
  EXPECT_MESSAGE(jit([](Tensor x) { return x > 0.0 ? x : -x; })(1.0), "use select(p, a, b) elementwise");
  EXPECT_MESSAGE(f(Tensor()), "an empty Tensor is used");
}

TEST(Jit, Threads) {
  auto f = jit([](Tensor x) { return sum(exp(x)); });
  std::vector<double> results(4);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 4; ++i)
    threads.emplace_back([&, i] { results[i] = f(full({5}, Tensor(double(i)))).item(); });
  for (auto& t : threads) t.join();
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(results[i], 5 * std::exp(double(i)), 1e-12);
}

TEST(Compile, Programs) {
  auto program = compile(wave, matrix());
  EXPECT_CLOSE(program(matrix()), wave(matrix()), 1e-14);
  EXPECT_CLOSE(program(2.0 * matrix()), wave(2.0 * matrix()), 1e-14);
  EXPECT_NE(program.ir().find("nh.dot_general"), std::string::npos);
  EXPECT_FALSE(program.dump("llvm").empty());
  EXPECT_TRUE(program.stats().from_cache || program.stats().llvm_s > 0);
  EXPECT_MESSAGE(program(ones({2, 2})), "argument 0 is f64[2, 2], compiled for f64[3, 2]");
}
