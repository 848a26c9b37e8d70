// Programs that are one vmap over a matrix of data: which run as chains in lanes, and that their results are the same.
#include <gtest/gtest.h>

#include "nuthatch/nuthatch.h"

namespace nuthatch::test {
namespace {

constexpr int kRows = 2000, kColumns = 20;

Tensor design() { return sin(0.7 * reshape(arange(0, kRows * kColumns).cast(f64), {kRows, kColumns})); }
Tensor outcomes() { return cos(arange(0, kRows).cast(f64)); }
Tensor coefficients(std::int64_t n) { return 0.1 * sin(3.0 * reshape(arange(0, n * kColumns).cast(f64), {n, kColumns})); }

std::pair<Tensor, Tensor> gradient(const Tensor& b, const Tensor& X, const Tensor& y) {
  return value_and_grad([&](Tensor v) {
    Tensor eta = matmul(X, v);
    return sum(y * eta - softplus(eta));
  })(b);
}
auto mapped = [](Tensor bs, Tensor X, Tensor y) {
  return vmap([&](Tensor b) { return gradient(b, X, y); })(bs);
};

template <class F> bool onePass(F&& f, std::int64_t n) {
  return compile(f, coefficients(n), design(), outcomes()).dump("plan").find("in one pass over rows") != std::string::npos;
}

TEST(Mapped, GradientsOfALinearPredictorReadTheMatrixOnce) {
  EXPECT_TRUE(onePass(mapped, 8));
  EXPECT_TRUE(onePass(mapped, 3));
  EXPECT_FALSE(onePass(mapped, 100));  // so many fill a product of matrices
}

TEST(Mapped, BitsAreThoseOfOneVector) {
  const Tensor X = design(), y = outcomes();
  auto one = jit([](Tensor b, Tensor A, Tensor t) { return gradient(b, A, t); });
  for (std::int64_t n : {2, 3, 8, 11}) {
    const Tensor bs = coefficients(n);
    const auto [values, slopes] = jit(mapped)(bs, X, y);
    ASSERT_EQ(values.shape(), Shape{n});
    ASSERT_EQ(slopes.shape(), (Shape{n, kColumns}));
    for (std::int64_t k = 0; k < n; ++k) {
      const auto [value, slope] = one(bs[k], X, y);
      EXPECT_EQ(values[k].item<double>(), value.item<double>());
      EXPECT_EQ(slopes[k].to_vector(), slope.to_vector());
    }
  }
}

/// What is computed around the vmap, another axis, effects: such programs stay as they are.
TEST(Mapped, OtherProgramsStay) {
  EXPECT_FALSE(onePass([](Tensor bs, Tensor X, Tensor y) { return mapped(2.0 * bs, X, y); }, 8));
  EXPECT_FALSE(onePass([](Tensor bs, Tensor X, Tensor y) {
    return vmap([&](Tensor b) { return gradient(b, X, y).second; }, {.in = {1}})(transpose(bs));
  }, 8));
  const Tensor X = design(), bs = coefficients(4);
  const Tensor twice = jit([](Tensor b, Tensor A) {
    return vmap([&](Tensor v) { return sum(matmul(A, v)) + sum(b); })(b);  // mapped, and not
  })(bs, X);
  for (int k = 0; k < 4; ++k)
    EXPECT_NEAR(twice[k].item<double>(), (sum(matmul(X, bs[k])) + sum(bs)).item<double>(), 1e-9);
}

}  // namespace
}  // namespace nuthatch::test
