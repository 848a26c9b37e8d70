// What the compiler says without being asked: C++ loops that were unrolled, memory that a run would need.
#include <gtest/gtest.h>

#include "nuthatch/detail/available_memory.h"
#include "nuthatch/explain.h"
#include "nuthatch/nuthatch.h"

namespace nuthatch::test {
namespace {

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::string messageOf(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

auto unrolled(int times) {
  return [times](Tensor x) {
    for (int i = 0; i < times; ++i)
      x = x + 0.01 * sin(x);
    return x;
  };
}
constexpr const char* kLine = "advice_test.cpp:25: the operations of this line stand 300 times in the program, ";

TEST(UnrolledLoops, AreNamedWithTheirLine) {
  const std::string text = explain(unrolled(300), Tensor(0.5));
  EXPECT_TRUE(contains(text, std::string("warning: ") + kLine)) << text;
  EXPECT_TRUE(contains(text, "fori_loop, scan and vmap keep it a loop")) << text;
}

TEST(UnrolledLoops, AreReportedOnceOnStderr) {
  auto f = [](Tensor x) {
    for (int i = 0; i < 250; ++i) x = cos(x);
    return x;
  };
  testing::internal::CaptureStderr();
  jit(f)(Tensor(0.5));
  jit(f)(Tensor{0.5, 0.6});
  const std::string text = testing::internal::GetCapturedStderr(), line = "advice_test.cpp:39: the operations of this line stand 250 times";
  EXPECT_TRUE(contains(text, line)) << text;
  EXPECT_EQ(text.find(line), text.rfind(line));
}

/// Few iterations, loops that stay loops, and many lines are what they should be.
TEST(UnrolledLoops, OtherProgramsHaveNoWarning) {
  EXPECT_FALSE(contains(explain(unrolled(150), Tensor(0.5)), "warning"));
  auto loop = [](Tensor x) {
    return fori_loop(0, 3000, x, [](Tensor, Tensor v) { return v + 0.01 * sin(v); });
  };
  EXPECT_FALSE(contains(explain(value_and_grad(loop), Tensor(0.5)), "warning"));
  auto wide = [](Tensor x) { return sum(vmap([](Tensor v) { return erf(v) * lgamma(v) + bessel_i0e(v); })(x)); };
  EXPECT_FALSE(contains(explain(value_and_grad(wide), 0.5 * ones({1000})), "warning"));
}

/// A model with a loop over observations in C++: the fit says so.
TEST(UnrolledLoops, AreWarningsOfAFit) {
  auto model = [] {
    Tensor x = sample("x", Normal(0.0, 1.0));
    for (int i = 0; i < 220; ++i)
      factor("f" + std::to_string(i), -0.001 * square(x - double(i % 3)));
  };
  const auto fit = MCMC(NUTS(model), {.num_warmup = 20, .num_samples = 20, .num_chains = 1, .progress = false}).run(Key(1));
  const bool found = std::any_of(fit.warnings.begin(), fit.warnings.end(), [](const std::string& w) {
    return contains(w, "advice_test.cpp:66") && contains(w, "stand 220 times");
  });
  EXPECT_TRUE(found) << testing::PrintToString(fit.warnings);
}

TEST(Explain, NamesWhatWasRewritten) {
  const Tensor y = ones({5000}), R = eye(20);
  auto loop = [&](Tensor z) {
    return fori_loop(0, 50, z, [&](Tensor, Tensor v) {
      return v - 1e-6 * grad([&](Tensor u) { return sum(square(y - u[0])) + sum(cholesky(exp(u[1]) * R)); })(v);
    });
  };
  const std::string text = explain(loop, zeros({2}));
  EXPECT_TRUE(contains(text, "rewritten\n")) << text;
  EXPECT_TRUE(contains(text, "the sum over [5000] at advice_test.cpp:79: sufficient statistics, computed once before the loop at advice_test.cpp:78")) << text;
  EXPECT_TRUE(contains(text, "cholesky at advice_test.cpp:79: of a constant matrix")) << text;
}

/// 8 bytes of x, 8,000 of y, 8,000 of the result; nothing in between.
TEST(Explain, AddsUpTheMemoryOfARun) {
  const Tensor y = ones({1000});
  const std::string text = explain([&](Tensor x) { return x * y; }, Tensor(0.5));
  EXPECT_TRUE(contains(text, "memory of a run: 16.0 kB: inputs 8008 B, results 8000 B, buffers 0 B\n")) << text;
}

TEST(Memory, WhatIsFreeIsAPartOfTheMachine) {
  EXPECT_GT(detail::available_memory(), 1e7);
  EXPECT_LE(detail::available_memory(), detail::machine_memory());
  EXPECT_EQ(detail::memory_text(12.34e6), "12.3 MB");
  EXPECT_EQ(detail::memory_text(3e9), "3.0 GB");
}

/// The draws of a million unknowns, before the first of them is drawn.
TEST(Memory, DrawsThatDoNotFitAreAnErrorAtOnce) {
  auto model = [] { sample("x", Normal(zeros({1'000'000}), 1.0)); };
  const std::string message =
      messageOf([&] { MCMC(NUTS(model), {.num_warmup = 10, .num_samples = 10'000'000, .num_chains = 4, .progress = false}).run(Key(1)); });
  // 10^7 draws of 10^6 numbers, twice: as they are drawn and as they are named.
  EXPECT_TRUE(contains(message, "MCMC: 10000000 draws of 4 chains need 64")) << message;
  EXPECT_TRUE(contains(message, " for each chain, more than the ")) << message;
  EXPECT_TRUE(contains(message, "that are free: 32")) << message;
  EXPECT_TRUE(contains(message, ".stream_to writes draws to disk, .thinning keeps fewer")) << message;
}

}  // namespace
}  // namespace nuthatch::test
