// Reference evaluation of factorisations and solves against their definitions.
#include <limits>

#include "tests/ir/support.h"

namespace nuthatch::test {
namespace {

const double nan = std::numeric_limits<double>::quiet_NaN();

TEST(Cholesky, ReproducesAndFailsWithNaN) {
  const std::int64_t n = 6;
  Array x(f64, {2, n, n});
  const auto r = randoms(std::size_t(2 * n * n), 41);
  for (std::int64_t b = 0; b < 2; ++b)
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t j = 0; j < n; ++j) {
        double s = i == j ? 1 : 0;
        for (std::int64_t k = 0; k < n; ++k) s += r[std::size_t((b * n + i) * n + k)] * r[std::size_t((b * n + j) * n + k)];
        x.as<double>()[(b * n + i) * n + j] = i < j ? nan : s;  // the upper triangle is not read
      }
  const Array l = eval("cholesky", {x});
  for (std::int64_t b = 0; b < 2; ++b)
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t j = 0; j < n; ++j) {
        const double* L = l.as<double>() + b * n * n;
        if (j > i) {
          EXPECT_EQ(L[i * n + j], 0);
          continue;
        }
        double s = 0;
        for (std::int64_t k = 0; k <= j; ++k) s += L[i * n + k] * L[j * n + k];
        EXPECT_NEAR(s, x.as<double>()[(b * n + i) * n + j], 1e-13 * n);
      }
  expectSame(eval("cholesky", {doubles({2, 2}, {4, 0, 2, 1})}), {2, 0, 1, nan});
  expectSame(eval("cholesky", {doubles({2, 2}, {-1, 0, 2, 1})}), {nan, 0, nan, nan});
  expectSame<float>(eval("cholesky", {array<float>({1, 1}, {9})}), {3});
}

TEST(TriangularSolve, AllFormsAndTheUnreadTriangle) {
  const std::int64_t n = 5, columns = 3;
  for (bool lower : {false, true})
    for (bool transpose : {false, true})
      for (bool unit : {false, true}) {
        Array a = randomArray({2, n, n}, 51), b = randomArray({2, n, columns}, 52);
        for (std::int64_t m = 0; m < 2; ++m)
          for (std::int64_t i = 0; i < n; ++i)
            for (std::int64_t j = 0; j < n; ++j) {
              double& v = a.as<double>()[(m * n + i) * n + j];
              if (i == j) v = unit ? nan : v + 4;
              else if ((i < j) == lower) v = nan;
            }
        const Array y = eval("triangular_solve", {a, b}, {{"lower", lower}, {"transpose", transpose}, {"unit_diagonal", unit}});
        for (std::int64_t m = 0; m < 2; ++m)
          for (std::int64_t i = 0; i < n; ++i)
            for (std::int64_t c = 0; c < columns; ++c) {
              double s = 0;
              for (std::int64_t k = 0; k < n; ++k) {
                const std::int64_t row = transpose ? k : i, column = transpose ? i : k;
                double v = a.as<double>()[(m * n + row) * n + column];
                if (i == k && unit) v = 1;
                else if (i != k && (row < column) == lower) v = 0;
                s += v * y.as<double>()[(m * n + k) * columns + c];
              }
              EXPECT_NEAR(s, b.as<double>()[(m * n + i) * columns + c], 1e-11);
            }
      }
}

TEST(CholeskyPullback, IsTheSymmetricSolution) {
  for (std::int64_t n : {1, 3, 4, 6, 13}) {
    Array l = randomArray({n, n}, 61), g = randomArray({n, n}, 62);
    auto L = [&](std::int64_t i, std::int64_t j) { return i < j ? 0 : l.as<double>()[i * n + j]; };
    auto G = [&](std::int64_t i, std::int64_t j) { return i < j ? 0 : g.as<double>()[i * n + j]; };
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t j = i; j < n; ++j) {
        if (i == j) l.as<double>()[i * n + i] = 3 + 0.1 * double(i);
        else l.as<double>()[i * n + j] = g.as<double>()[i * n + j] = nan;  // the upper triangles are not read
      }
    const Array s = eval("cholesky_pullback", {l, g});
    auto S = [&](std::int64_t i, std::int64_t j) { return s.as<double>()[i * n + j]; };
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t j = 0; j <= i; ++j) {
        double product = 0, mirrored = 0;  // (L^T M L)_ij with M = S + S^T, and (L^T g)_ij
        for (std::int64_t k = 0; k < n; ++k) {
          mirrored += L(k, i) * G(k, j);
          for (std::int64_t m = 0; m < n; ++m) product += L(k, i) * (S(k, m) + S(m, k)) * L(m, j);
        }
        EXPECT_NEAR(product, mirrored, 1e-11) << n << ": " << i << ", " << j;
        if (i > j) {
          EXPECT_EQ(S(j, i), 0);
        }
      }
  }
}

}  // namespace
}  // namespace nuthatch::test
