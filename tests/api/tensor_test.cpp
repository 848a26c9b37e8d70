// Handles: construction, dtypes, promotion, broadcasting, operators, conversions, messages.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <sstream>

#include "tests/api/helpers.h"

using namespace nuthatch;

TEST(Tensor, ScalarsAreWeakLiterals) {
  EXPECT_EQ(Tensor(1.5).dtype(), f64);
  EXPECT_EQ(Tensor(1.5f).dtype(), f32);
  EXPECT_EQ(Tensor(2).dtype(), i64);
  EXPECT_EQ(Tensor(2u).dtype(), i64);
  EXPECT_EQ(Tensor(true).dtype(), bool_);
  EXPECT_TRUE(Tensor(1.5).is_weak());
  EXPECT_TRUE((Tensor(1.5) * 2).is_weak());
  EXPECT_TRUE(exp(Tensor(1.0)).is_weak());
  EXPECT_FALSE(Tensor(1.5).cast(f64).is_weak());
  EXPECT_FALSE(Tensor{1.5}.is_weak());
}

TEST(Tensor, Braces) {
  EXPECT_EQ((Tensor{0.2, 0.3}).shape(), Shape({2}));
  EXPECT_EQ((Tensor{2, 0, 2}).dtype(), i64);
  EXPECT_EQ((Tensor{1, 2.5}).dtype(), f64);
  EXPECT_EQ((Tensor{1.0f, 2.0f}).dtype(), f32);
  EXPECT_EQ((Tensor{true, false}).dtype(), bool_);
  EXPECT_EQ((Tensor{5.0}).shape(), Shape({1}));
  EXPECT_EQ(Tensor(5.0).shape(), Shape());
  Tensor m{{1.0, 2.0}, {3.0, 4.0}, {5.0, 6.0}};
  EXPECT_EQ(m.shape(), Shape({3, 2}));
  EXPECT_EQ(m.to_vector(), (std::vector<double>{1, 2, 3, 4, 5, 6}));
  Tensor cube{{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}};
  EXPECT_EQ(cube.shape(), Shape({2, 2, 2}));
  EXPECT_MESSAGE((Tensor{{1.0, 2.0, 3.0}, {4.0, 5.0}}), "rows of 3 and 2 numbers");
}

TEST(Tensor, Vectors) {
  EXPECT_EQ(Tensor(std::vector<double>{1, 2}).dtype(), f64);
  EXPECT_EQ(Tensor(std::vector<float>{1, 2}).dtype(), f32);
  EXPECT_EQ(Tensor(std::vector<int>{1, 2}).dtype(), i64);
  EXPECT_EQ(Tensor(std::vector<std::int64_t>{1, 2}).to_vector<int>(), (std::vector<int>{1, 2}));
  EXPECT_EQ(Tensor(std::vector<bool>{true, false}).dtype(), bool_);
}

TEST(Tensor, Shapes) {
  Tensor x = zeros({3, 4});
  EXPECT_EQ(x.ndim(), 2);
  EXPECT_EQ(x.size(), 12);
  EXPECT_EQ(x.size(0), 3);
  EXPECT_EQ(x.size(-1), 4);
  EXPECT_MESSAGE(x.size(2), "axis 2 is not an axis of shape [3, 4]");
}

TEST(Tensor, Item) {
  EXPECT_EQ(Tensor(2.5).item(), 2.5);
  EXPECT_EQ(Tensor{2.9}.item<int>(), 2);
  EXPECT_EQ((Tensor{-1}).item<std::int64_t>(), -1);
  EXPECT_TRUE(Tensor(0.5).item<bool>());
  EXPECT_MESSAGE((Tensor{1.0, 2.0}).item(), "item: shape [2] does not have one element");
  EXPECT_MESSAGE(Tensor().item(), "item: an empty Tensor is used");
}

TEST(Tensor, Casts) {
  Tensor x{-1.5, 2.7, NAN, 1e30};
  EXPECT_EQ(x.cast(i32).to_vector<std::int64_t>(), (std::vector<std::int64_t>{-1, 2, 0, 2147483647}));
  EXPECT_EQ(x.cast(bool_).to_vector<int>(), (std::vector<int>{1, 1, 1, 1}));
  EXPECT_EQ((Tensor{1, 0}).cast(f32).dtype(), f32);
}

TEST(Tensor, Promotion) {
  Tensor single = ones(2, f32), twice = ones(2), whole = ones(2, i64), small = ones(2, i32), flag = ones(2, bool_);
  EXPECT_EQ((single * 2.0).dtype(), f32);
  EXPECT_EQ((2 * single).dtype(), f32);
  EXPECT_EQ((whole * 0.5).dtype(), f64);
  EXPECT_EQ((whole * 2).dtype(), i64);
  EXPECT_EQ((small + 1).dtype(), i32);
  EXPECT_EQ((small + whole).dtype(), i64);
  EXPECT_EQ((single + twice).dtype(), f64);
  EXPECT_EQ((whole + single).dtype(), f32);
  EXPECT_EQ((flag + flag).dtype(), i64);
  EXPECT_EQ((flag * twice).dtype(), f64);
  EXPECT_EQ((flag + 1).dtype(), i64);
  EXPECT_EQ((ones(2, ui32) + ones(2, ui64)).dtype(), ui64);
  EXPECT_EQ((ones(2, ui32) + 1).dtype(), ui32);
  EXPECT_MESSAGE((ones(2, ui32) + whole), "add: no common dtype of ui32 and i64; cast one of them");
}

TEST(Tensor, Broadcasting) {
  Tensor column = reshape(Tensor{1.0, 2.0, 3.0}, {3, 1});
  EXPECT_TENSOR(column * Tensor{1.0, 10.0}, (Tensor{{1.0, 10.0}, {2.0, 20.0}, {3.0, 30.0}}));
  EXPECT_EQ((zeros({2, 1, 3}) + zeros({4, 1})).shape(), Shape({2, 4, 3}));
  const int line = __LINE__ + 1;
  std::string text = message([&] { zeros(8) + zeros(7); });
  EXPECT_EQ(text, "tensor_test.cpp:" + std::to_string(line) + ": add: cannot broadcast [8] with [7]");
}

TEST(Tensor, Arithmetic) {
  Tensor x{1.0, -2.0, 4.0};
  EXPECT_TENSOR(1.0 - x, (Tensor{0.0, 3.0, -3.0}));
  EXPECT_TENSOR(-x, (Tensor{-1.0, 2.0, -4.0}));
  EXPECT_TENSOR(8.0 / x, (Tensor{8.0, -4.0, 2.0}));
  EXPECT_TENSOR(x % 3.0, (Tensor{1.0, -2.0, 1.0}));
  EXPECT_TENSOR((Tensor{7, -7}) / 2, (Tensor{3, -3}));
  Tensor y = x;
  y += 1.0;
  y *= 2.0;
  EXPECT_TENSOR(y, (Tensor{4.0, -2.0, 10.0}));
  EXPECT_TENSOR(x, (Tensor{1.0, -2.0, 4.0}));
  EXPECT_MESSAGE(x + Tensor(), "an empty Tensor is used");
}

TEST(Tensor, ComparisonAndLogic) {
  Tensor x{1.0, NAN, 3.0};
  EXPECT_TENSOR(x > 1.5, (Tensor{false, false, true}));
  EXPECT_TENSOR(x == x, (Tensor{true, false, true}));
  EXPECT_TENSOR(x != x, (Tensor{false, true, false}));
  EXPECT_TENSOR((x > 0.0) & ~(x > 2.0), (Tensor{true, false, false}));
  EXPECT_TENSOR((x > 2.0) | (x < 2.0), (Tensor{true, false, true}));
  EXPECT_TENSOR((Tensor{6, 5}) & 3, (Tensor{2, 1}));
  EXPECT_TENSOR(~Tensor{0, 5}, (Tensor{-1, -6}));
  EXPECT_TENSOR((Tensor{1, 3}) << 2, (Tensor{4, 12}));
  EXPECT_MESSAGE(x & x, "&: takes bool or integers, not f64[3] and f64[3]");
}

TEST(Tensor, Condition) {
  Tensor x = 2.0;
  bool reached = false;
  if (x > 1.0) reached = true;
  EXPECT_TRUE(reached);
  EXPECT_MESSAGE((bool(Tensor{1.0, 2.0} > 0.0)), "a condition is one element, not shape [2]; use all_of or any_of");
  std::string text = message([] {
    grad([](Tensor t) {
      if (t > 0.0) return t;
      return -t;
    })(1.0);
  });
  EXPECT_NE(text.find("the condition depends on a traced value of shape []"), std::string::npos) << text;
  EXPECT_NE(text.find("use select(p, a, b) elementwise, or cond(p, f, g)"), std::string::npos);
  EXPECT_EQ(text.find("tensor_test.cpp:"), 0u);
}

TEST(Tensor, TracedValuesHaveNoElements) {
  EXPECT_MESSAGE(grad([](Tensor t) { return t * t.item(); })(1.0), "item: a traced value of shape []");
}

TEST(Tensor, EscapedTracer) {
  Tensor kept;
  grad([&](Tensor t) {
    kept = t * 2.0;
    return kept;
  })(1.0);
  EXPECT_FALSE(kept.is_concrete());
  EXPECT_THROW(kept + 1.0, EscapedTracer);
  EXPECT_MESSAGE(kept + 1.0, "is used after its trace ended");
}

TEST(Tensor, PrintsLikeNumPy) {
  EXPECT_EQ(to_string(Tensor(2.0)), "2");
  EXPECT_EQ(to_string(Tensor(0.1)), "0.1");
  EXPECT_EQ(to_string(Tensor{1.0, 5.0, 9.0}), "[1. 5. 9.]");
  EXPECT_EQ(to_string(Tensor{0.1, 0.25}), "[0.1  0.25]");
  EXPECT_EQ(to_string(Tensor{1, -22}), "[  1 -22]");
  EXPECT_EQ(to_string(Tensor{1e-10, 0.5, 3.0}), "[1.e-10 5.e-01 3.e+00]");
  EXPECT_EQ(to_string(Tensor{1.0, double(NAN), -INFINITY}), "[  1.  nan -inf]");
  EXPECT_EQ(to_string(Tensor{true, false}), "[ true false]");
  EXPECT_EQ(to_string(Tensor{{1, 2}, {3, 4}}), "[[1 2]\n [3 4]]");
  EXPECT_EQ(to_string(zeros({2, 1, 2}, i64)), "[[[0 0]]\n\n [[0 0]]]");
  EXPECT_EQ(to_string(arange(2000)), "[   0    1    2 ... 1997 1998 1999]");
  EXPECT_EQ(to_string(Tensor{1.0 / 3.0}), "[0.33333333]");
  EXPECT_EQ(to_string(zeros(0)), "[]");
  std::ostringstream out;
  out << Tensor{1, 2};
  EXPECT_EQ(out.str(), "[1 2]");
}

TEST(Print, Formats) {
  EXPECT_EQ(format("{} {:.3f} {:>4} {}", 1, 2.0, "ab", true), "1 2.000   ab true");
  EXPECT_EQ(format("{:.2f}", Tensor{1.0, -2.5}), "[ 1.00 -2.50]");
  EXPECT_EQ(format("{:.12f}", Tensor(2.0)), "2.000000000000");
  EXPECT_EQ(format("{{}} {}", Shape{3, 4}), "{} [3, 4]");
  EXPECT_EQ(format("{}", std::vector<double>{1.0, 2.0}), "[1. 2.]");
  EXPECT_MESSAGE(format("{} {}", 1), "more fields than arguments");
  EXPECT_MESSAGE(format("{:.q}", 1.0), "print: {:.q}");
  EXPECT_MESSAGE(format("{0}", 1.0), "a field is {} or {:spec}");
}
