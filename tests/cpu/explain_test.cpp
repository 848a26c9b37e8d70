// What explain says about programs whose passes, bytes and buffers are easy to count by hand.
#include <gtest/gtest.h>

#include "nuthatch/explain.h"
#include "nuthatch/nuthatch.h"

namespace nuthatch::test {
namespace {

using testing::AssertionFailure;
using testing::AssertionResult;
using testing::AssertionSuccess;

AssertionResult says(const std::string& text, const std::string& line) {
  return text.find(line) == std::string::npos ? AssertionFailure() << "no \"" << line << "\" in\n"
                                                                   << text
                                              : AssertionSuccess();
}

Tensor design() { return ones({1000, 20}); }

/// 160,000 bytes of X, 8,000 of y and 160 of coefficients are read; the value and 20 derivatives are written.
TEST(Explain, AGeneralisedLinearModelIsOnePass) {
  const Tensor X = design(), y = zeros({1000});
  auto log_likelihood = [&](Tensor b) {
    Tensor eta = matmul(X, b);
    return sum(y * eta - softplus(eta));
  };
  const std::string text = explain(value_and_grad(log_likelihood), zeros({20}));
  EXPECT_TRUE(says(text, "1 group, 168.2 kB read and 168 B written in a run\n"));
  EXPECT_TRUE(says(text, "argument 0: [20], 160 B, read 1 time\n"));
  EXPECT_TRUE(says(text, "argument 1: [1000, 20], 160.0 kB, read 1 time\n"));
  EXPECT_TRUE(says(text, "argument 2: [1000], 8000 B, read 1 time\n"));
  EXPECT_TRUE(says(text, "one pass over [1000]"));
  EXPECT_TRUE(says(text, "explain_test.cpp:"));
}

/// The largest element is known after all rows only.
TEST(Explain, WhatNeedsAllRowsFirstReadsTheMatrixTwice) {
  const Tensor X = design();
  const std::string text = explain(
      [&](Tensor b) {
        Tensor eta = matmul(X, b);
        return matmul(exp(eta - max(eta)), X);
      },
      zeros({20}));
  EXPECT_TRUE(says(text, "argument 1: [1000, 20], 160.0 kB, read 2 times\n"));
}

TEST(Explain, PartsOfInputsCountAsParts) {
  const std::string text = explain([](Tensor x) { return sum(exp(x[from(75)])); }, zeros({100}));
  EXPECT_TRUE(says(text, "argument 0: [100], 800 B, read 0.25 times\n"));
  EXPECT_TRUE(says(text, "1 group, 200 B read and 8 B written in a run\n"));
}

/// Each of 100 iterations reads an element and the carry, 16 bytes, and writes the next carry, 8, and its element of
/// the stack; then the stack is read and its exponential written, 800 bytes each.
TEST(Explain, LoopsCountEveryIteration) {
  const std::string text = explain(
      [](Tensor x) {
        auto [last, path] = scan(x[0], x, [](const Tensor& before, const Tensor& now) {
          Tensor next = 0.5 * before + now;
          return std::pair{next, next};
        });
        return exp(path);
      },
      zeros({100}));
  EXPECT_TRUE(says(text, ", 100 times:\n"));
  EXPECT_TRUE(says(text, "3 groups, 2400 B read and 2400 B written in a run\n"));
  EXPECT_TRUE(says(text, "argument 0: [100], 800 B, read 1 time\n"));
  EXPECT_TRUE(says(text, "buffers: 3, 1608 B\n"));
  EXPECT_TRUE(says(text, "1608 B of each chain\n"));
}

TEST(Explain, AFunctionThatCannotBeCompiledIsAnError) {
  EXPECT_THROW(explain([](Tensor x) { return matmul(x, ones({3})); }, zeros({4})), Error);
}

} // namespace
} // namespace nuthatch::test
