// Reference evaluation of the operations without regions against values computed by hand or by naive loops.
#include <cmath>
#include <limits>
#include <random>

#include "tests/ir/support.h"

namespace nuthatch::test {
namespace {

constexpr double inf = std::numeric_limits<double>::infinity();
const double nan = std::numeric_limits<double>::quiet_NaN();

//===-------------------------------- elementwise --------------------------------===//

TEST(Unary, ExactFunctionsKeepSignedZeroAndNaN) {
  const std::vector<double> x{-2.5, -0.5, -0.0, 0.0, 0.5, 1.5, 2.5, inf, -inf, nan};
  expectSame(unary(Unary::neg, x), {2.5, 0.5, 0.0, -0.0, -0.5, -1.5, -2.5, -inf, inf, nan});
  expectSame(unary(Unary::abs, x), {2.5, 0.5, 0.0, 0.0, 0.5, 1.5, 2.5, inf, inf, nan});
  expectSame(unary(Unary::sign, x), {-1, -1, -0.0, 0.0, 1, 1, 1, 1, -1, nan});
  expectSame(unary(Unary::floor, x), {-3, -1, -0.0, 0.0, 0, 1, 2, inf, -inf, nan});
  expectSame(unary(Unary::ceil, x), {-2, -0.0, -0.0, 0.0, 1, 2, 3, inf, -inf, nan});
  expectSame(unary(Unary::round, x), {-2, -0.0, -0.0, 0.0, 0, 2, 2, inf, -inf, nan});
  expectSame(unary(Unary::stop_gradient, x), x);
  expectSame<bool>(unary(Unary::is_finite, x), {true, true, true, true, true, true, true, false, false, false});
  expectSame<bool>(unary<bool>(Unary::logical_not, {true, false}), {false, true});
}

TEST(Unary, FunctionsAgreeWithTheStandardLibrary) {
  struct Row { Unary kind; double (*reference)(double); double low, high; };
  const Row rows[] = {
      {Unary::sqrt, [](double x) { return std::sqrt(x); }, 0, 9},
      {Unary::rsqrt, [](double x) { return 1 / std::sqrt(x); }, 0.1, 9},
      {Unary::exp, [](double x) { return std::exp(x); }, -5, 5},
      {Unary::expm1, [](double x) { return std::expm1(x); }, -2, 2},
      {Unary::log, [](double x) { return std::log(x); }, 0.01, 9},
      {Unary::log1p, [](double x) { return std::log1p(x); }, -0.9, 2},
      {Unary::sin, [](double x) { return std::sin(x); }, -9, 9},
      {Unary::cos, [](double x) { return std::cos(x); }, -9, 9},
      {Unary::tan, [](double x) { return std::tan(x); }, -1.5, 1.5},
      {Unary::tanh, [](double x) { return std::tanh(x); }, -3, 3},
      {Unary::logistic, [](double x) { return 1 / (1 + std::exp(-x)); }, -9, 9},
      {Unary::softplus, [](double x) { return std::log1p(std::exp(x)); }, -9, 9},
      {Unary::erf, [](double x) { return std::erf(x); }, -3, 3},
      {Unary::erfc, [](double x) { return std::erfc(x); }, -3, 3},
      {Unary::lgamma, [](double x) { return std::lgamma(x); }, 0.1, 9},
      {Unary::atan, [](double x) { return std::atan(x); }, -9, 9},
      {Unary::asin, [](double x) { return std::asin(x); }, -1, 1},
      {Unary::acos, [](double x) { return std::acos(x); }, -1, 1},
      {Unary::sinh, [](double x) { return std::sinh(x); }, -9, 9},
      {Unary::cosh, [](double x) { return std::cosh(x); }, -9, 9},
      {Unary::asinh, [](double x) { return std::asinh(x); }, -9, 9},
      {Unary::acosh, [](double x) { return std::acosh(x); }, 1, 9},
      {Unary::atanh, [](double x) { return std::atanh(x); }, -0.99, 0.99},
      {Unary::exp2, [](double x) { return std::exp2(x); }, -9, 9},
      {Unary::log2, [](double x) { return std::log2(x); }, 0.01, 9},
      {Unary::log10, [](double x) { return std::log10(x); }, 0.01, 9},
      {Unary::cbrt, [](double x) { return std::cbrt(x); }, -9, 9},
  };
  for (const Row& row : rows) {
    const auto x = randoms(200, 7 + unsigned(row.kind), row.low, row.high);
    const auto y = values(unary(row.kind, x));
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double want = row.reference(x[i]);
      EXPECT_NEAR(y[i], want, 4e-15 * std::max(1.0, std::fabs(want))) << "kind " << int(row.kind) << " at " << x[i];
    }
  }
}

TEST(Unary, SpecialFunctionsAtKnownPoints) {
  EXPECT_NEAR(values(unary<double>(Unary::erf_inv, {0.5}))[0], 0.47693627620446987, 1e-15);
  EXPECT_NEAR(values(unary<double>(Unary::digamma, {1.0}))[0], -0.57721566490153286, 1e-15);
  EXPECT_NEAR(values(unary<double>(Unary::trigamma, {1.0}))[0], 1.6449340668482264, 1e-14);
  EXPECT_EQ(values(unary<double>(Unary::erf_inv, {1.0}))[0], inf);
}

TEST(Unary, SinglePrecisionIsRoundedDoublePrecision) {
  const auto x = randoms(100, 3, 0.1, 4);
  std::vector<float> singles(x.begin(), x.end());
  std::vector<double> widened(singles.begin(), singles.end());
  for (Unary k : {Unary::exp, Unary::log, Unary::sqrt, Unary::tanh, Unary::lgamma}) {
    const auto have = values<float>(unary<float>(k, singles));
    const auto want = values(unary(k, widened));
    for (std::size_t i = 0; i < x.size(); ++i) EXPECT_EQ(have[i], float(want[i]));
  }
}

TEST(Unary, Integers) {
  expectSame<std::int32_t>(unary<std::int32_t>(Unary::neg, {3, -3, 0, INT32_MIN}), {-3, 3, 0, INT32_MIN});
  expectSame<std::int64_t>(unary<std::int64_t>(Unary::abs, {3, -3, INT64_MIN}), {3, 3, INT64_MIN});
  expectSame<std::int64_t>(unary<std::int64_t>(Unary::sign, {3, -3, 0}), {1, -1, 0});
  expectSame<std::uint32_t>(unary<std::uint32_t>(Unary::neg, {1, 0}), {UINT32_MAX, 0});
  expectSame<std::uint32_t>(unary<std::uint32_t>(Unary::sign, {UINT32_MAX, 0}), {1, 0});
  expectSame<std::uint32_t>(unary<std::uint32_t>(Unary::popcount, {UINT32_MAX, 0, 5}), {32, 0, 2});
  expectSame<std::int64_t>(unary<std::int64_t>(Unary::popcount, {-1, INT64_MIN, 255}), {64, 1, 8});
}

TEST(Binary, FloatingPoint) {
  const std::vector<double> a{7, -7, nan, 1, 0.0, -0.0, inf}, b{2, 2, 1, nan, -0.0, 0.0, -inf};
  expectSame(binary(Binary::add, a, b), {9, -5, nan, nan, 0.0, 0.0, nan});
  expectSame(binary(Binary::sub, a, b), {5, -9, nan, nan, 0.0, -0.0, inf});
  expectSame(binary(Binary::mul, a, b), {14, -14, nan, nan, -0.0, -0.0, -inf});
  expectSame(binary(Binary::div, a, b), {3.5, -3.5, nan, nan, nan, nan, nan});
  expectSame(binary(Binary::rem, a, b), {1, -1, nan, nan, nan, nan, nan});
  expectSame(binary(Binary::max, a, b), {7, 2, nan, nan, -0.0, 0.0, inf});
  expectSame(binary(Binary::min, a, b), {2, -7, nan, nan, -0.0, 0.0, -inf});
  EXPECT_NEAR(values(binary<double>(Binary::pow, {2.5}, {3.5}))[0], std::pow(2.5, 3.5), 1e-14 * 25);
  EXPECT_NEAR(values(binary<double>(Binary::atan2, {1}, {-1}))[0], std::atan2(1, -1), 1e-15);
}

TEST(Binary, IntegersNeverTrap) {
  using I = std::int32_t;
  expectSame<I>(binary<I>(Binary::add, {INT32_MAX}, {1}), {INT32_MIN});
  expectSame<I>(binary<I>(Binary::mul, {1 << 30}, {4}), {0});
  expectSame<I>(binary<I>(Binary::div, {7, -7, 5, INT32_MIN, 9}, {2, 2, 0, -1, -1}), {3, -3, -1, INT32_MIN, -9});
  expectSame<I>(binary<I>(Binary::rem, {7, -7, 5, INT32_MIN}, {2, 2, 0, -1}), {1, -1, 5, 0});
  expectSame<I>(binary<I>(Binary::pow, {3, -2, 2, 1, -1, -1, 0, 0}, {4, 3, -1, -5, -5, -4, 0, -1}), {81, -8, 0, 1, -1, 1, 1, 0});
  expectSame<I>(binary<I>(Binary::shl, {1, 1, 1, 1}, {3, 31, 32, -1}), {8, INT32_MIN, 0, 0});
  expectSame<I>(binary<I>(Binary::shr, {-8, -8, 8}, {1, 32, 3}), {-4, 0, 1});
  expectSame<I>(binary<I>(Binary::and_, {12}, {10}), {8});
  expectSame<I>(binary<I>(Binary::or_, {12}, {10}), {14});
  expectSame<I>(binary<I>(Binary::xor_, {12}, {10}), {6});
  expectSame<I>(binary<I>(Binary::max, {-1, 2}, {1, -2}), {1, 2});
  using U = std::uint64_t;
  expectSame<U>(binary<U>(Binary::div, {7, 7}, {2, 0}), {3, UINT64_MAX});
  expectSame<U>(binary<U>(Binary::rem, {7, 7}, {4, 0}), {3, 7});
  expectSame<U>(binary<U>(Binary::shr, {UINT64_MAX, 1}, {63, 64}), {1, 0});
  expectSame<U>(binary<U>(Binary::min, {UINT64_MAX}, {1}), {1});
  expectSame<U>(binary<U>(Binary::sub, {0}, {1}), {UINT64_MAX});
}

TEST(Binary, Bool) {
  const std::vector<bool> a{false, false, true, true}, b{false, true, false, true};
  expectSame<bool>(binary<bool>(Binary::and_, a, b), {false, false, false, true});
  expectSame<bool>(binary<bool>(Binary::or_, a, b), {false, true, true, true});
  expectSame<bool>(binary<bool>(Binary::xor_, a, b), {false, true, true, false});
}

TEST(Compare, OnlyNotEqualHoldsForNaN) {
  const std::vector<double> a{1, 2, nan, 0.0}, b{2, 2, nan, -0.0};
  auto compare = [&](Compare k) { return eval("compare", {vector(a), vector(b)}, {kind(k)}); };
  expectSame<bool>(compare(Compare::eq), {false, true, false, true});
  expectSame<bool>(compare(Compare::ne), {true, false, true, false});
  expectSame<bool>(compare(Compare::lt), {true, false, false, false});
  expectSame<bool>(compare(Compare::le), {true, true, false, true});
  expectSame<bool>(compare(Compare::gt), {false, false, false, false});
  expectSame<bool>(compare(Compare::ge), {false, true, false, true});
  expectSame<bool>(eval("compare", {array<std::uint32_t>({1}, {UINT32_MAX}), array<std::uint32_t>({1}, {1})}, {kind(Compare::gt)}), {true});
}

TEST(Elementwise, SelectAndFma) {
  expectSame(eval("select", {array<bool>({2}, {true, false}), vector({1, 2}), vector({nan, 4})}), {1, 4});
  const double e = std::ldexp(1.0, -30);  // (1 + e)(1 - e) - 1 = -e^2 only with one rounding
  expectSame(eval("fma", {vector({1 + e}), vector({1 - e}), vector({-1})}), {-e * e});
  const float s = std::ldexp(1.0f, -15);
  expectSame<float>(eval("fma", {array<float>({1}, {1 + s}), array<float>({1}, {1 - s}), array<float>({1}, {-1})}), {-s * s});
}

TEST(Convert, SaturatesAndTakesNaNToZero) {
  const Array x = vector({1.9, -1.9, 1e30, -1e30, nan, 4294967295.5});
  auto to = [&](Dtype d) { return eval("convert", {x}, {{"dtype", d}}); };
  expectSame<std::int32_t>(to(i32), {1, -1, INT32_MAX, INT32_MIN, 0, INT32_MAX});
  expectSame<std::int64_t>(to(i64), {1, -1, INT64_MAX, INT64_MIN, 0, 4294967295});
  expectSame<std::uint32_t>(to(ui32), {1, 0, UINT32_MAX, 0, 0, UINT32_MAX});
  expectSame<std::uint64_t>(to(ui64), {1, 0, UINT64_MAX, 0, 0, 4294967295});
  expectSame<bool>(to(bool_), {true, true, true, true, true, true});
  expectSame<float>(to(f32), {1.9f, -1.9f, 1e30f, -1e30f, float(nan), 4294967296.0f});
  expectSame<bool>(eval("convert", {vector({0.0, -0.0, 1e-300})}, {{"dtype", bool_}}), {false, false, true});
  expectSame(eval("convert", {array<bool>({2}, {true, false})}, {{"dtype", f64}}), {1, 0});
  expectSame<std::int32_t>(eval("convert", {array<std::int64_t>({1}, {(1LL << 32) + 5})}, {{"dtype", i32}}), {5});
  expectSame(eval("convert", {array<std::uint64_t>({1}, {UINT64_MAX})}, {{"dtype", f64}}), {18446744073709551616.0});
}

TEST(Elementwise, BitcastKeepsBits) {
  expectSame<std::uint64_t>(eval("bitcast", {vector({1.0})}, {{"dtype", ui64}}), {0x3ff0000000000000u});
  expectSame<float>(eval("bitcast", {array<std::int32_t>({1}, {0x3f800000})}, {{"dtype", f32}}), {1.0f});
}

//===----------------------------------- shape -----------------------------------===//

TEST(ShapeOps, ConstantAndIota) {
  expectSame(eval("constant", {}, {{"value", DenseConstant{vector({1, 2, 3})}}}), {1, 2, 3});
  expectSame<bool>(eval("constant", {}, {{"value", DenseConstant{array<bool>({3}, {true, false, true})}}}), {true, false, true});
  expectSame<bool>(eval("constant", {}, {{"value", DenseConstant{array<bool>({2}, {true, true})}}}), {true, true});
  expectSame<float>(eval("constant", {}, {{"value", DenseConstant{array<float>({2}, {7, 7})}}}), {7, 7});
  expectSame<std::int32_t>(eval("iota", {}, {{"dtype", i32}, {"shape", List{2, 3}}, {"dim", std::int64_t(1)}}), {0, 1, 2, 0, 1, 2});
  expectSame(eval("iota", {}, {{"dtype", f64}, {"shape", List{2, 2}}, {"dim", std::int64_t(0)}}), {0, 0, 1, 1});
}

TEST(ShapeOps, Broadcast) {
  expectSame(eval("broadcast", {vector({1, 2})}, {{"shape", List{2, 2}}, {"dims", List{1}}}), {1, 2, 1, 2});
  expectSame(eval("broadcast", {vector({1, 2})}, {{"shape", List{2, 2}}, {"dims", List{0}}}), {1, 1, 2, 2});
  expectSame(eval("broadcast", {doubles({2, 1}, {1, 2})}, {{"shape", List{2, 3}}, {"dims", List{0, 1}}}), {1, 1, 1, 2, 2, 2});
  expectSame<bool>(eval("broadcast", {array<bool>({}, {true})}, {{"shape", List{3}}, {"dims", List{}}}), {true, true, true});
  EXPECT_EQ(eval("broadcast", {vector({1, 2})}, {{"shape", List{0, 2}}, {"dims", List{1}}}).num_elements(), 0);
}

TEST(ShapeOps, ReshapeTransposeReverse) {
  const Array x = counting({2, 3});
  EXPECT_EQ(eval("reshape", {x}, {{"shape", List{3, 2}}}).shape, (Shape{3, 2}));
  expectSame(eval("transpose", {x}, {{"perm", List{1, 0}}}), {0, 3, 1, 4, 2, 5});
  expectSame<std::int32_t>(eval("transpose", {counting<std::int32_t>({2, 1, 2})}, {{"perm", List{2, 1, 0}}}), {0, 2, 1, 3});
  expectSame(eval("reverse", {x}, {{"dims", List{0}}}), {3, 4, 5, 0, 1, 2});
  expectSame(eval("reverse", {x}, {{"dims", List{0, 1}}}), {5, 4, 3, 2, 1, 0});
}

TEST(ShapeOps, SlicePadConcatenate) {
  const Array x = counting({3, 4});
  expectSame(eval("slice", {x}, {{"start", List{1, 0}}, {"limit", List{3, 4}}, {"stride", List{1, 2}}}), {4, 6, 8, 10});
  expectSame(eval("pad", {vector({1, 2, 3}), doubles({}, {9})}, {{"low", List{1}}, {"high", List{2}}, {"interior", List{1}}}),
             {9, 1, 9, 2, 9, 3, 9, 9});
  expectSame(eval("pad", {doubles({0}, {}), doubles({}, {9})}, {{"low", List{1}}, {"high", List{1}}, {"interior", List{3}}}), {9, 9});
  expectSame(eval("concatenate", {doubles({2, 1}, {1, 2}), doubles({2, 2}, {3, 4, 5, 6})}, {{"dim", std::int64_t(1)}}), {1, 3, 4, 2, 5, 6});
  expectSame(eval("concatenate", {vector({1}), doubles({0}, {}), vector({2})}, {{"dim", std::int64_t(0)}}), {1, 2});
}

//===---------------------------------- indexing ---------------------------------===//

TEST(Indexing, DynamicSliceClamps) {
  const Array x = counting({3, 4});
  auto at = [&](std::int64_t i, std::int64_t j) { return eval("dynamic_slice", {x, index(i), index(j)}, {{"sizes", List{2, 2}}}); };
  expectSame(at(1, 2), {6, 7, 10, 11});
  expectSame(at(-5, 1), {1, 2, 5, 6});
  expectSame(at(9, 9), {6, 7, 10, 11});
  expectSame(eval("dynamic_update_slice", {vector({1, 2, 3}), vector({8, 9}), index(5)}), {1, 8, 9});
}

/// One embedding lookup, batches, and windows that come before the index dimensions, against naive loops.
TEST(Indexing, GatherRows) {
  const Array x = counting({4, 3}), rows = array<std::int64_t>({2, 1}, {2, 9});
  const Array y = eval("gather", {x, rows}, {{"offset_dims", List{1}}, {"collapsed_dims", List{0}}, {"operand_batch_dims", List{}},
                                             {"indices_batch_dims", List{}}, {"index_map", List{0}}, {"slice_sizes", List{1, 3}}});
  EXPECT_EQ(y.shape, (Shape{2, 3}));
  expectSame(y, {6, 7, 8, 9, 10, 11});  // 9 clamps to the last row
}

TEST(Indexing, GatherBatchedWindowsAgainstLoops) {
  // x[b, i, j]; per batch b and n: the 2 x 1 window at (i, j) = indices[n, b], laid out as (window, n, b).
  const std::int64_t B = 3, I = 5, J = 4, N = 6;
  const Array x = randomArray({B, I, J}, 1);
  std::mt19937_64 bits(2);
  Array indices(Dtype::i64, {N, B, 2});
  for (std::int64_t k = 0; k < indices.num_elements(); ++k) indices.as<std::int64_t>()[k] = std::int64_t(bits() % 9) - 2;
  const Array y = eval("gather", {x, indices}, {{"offset_dims", List{0}}, {"collapsed_dims", List{2}}, {"operand_batch_dims", List{0}},
                                                {"indices_batch_dims", List{1}}, {"index_map", List{1, 2}}, {"slice_sizes", List{1, 2, 1}}});
  ASSERT_EQ(y.shape, (Shape{2, N, B}));
  for (std::int64_t w = 0; w < 2; ++w)
    for (std::int64_t n = 0; n < N; ++n)
      for (std::int64_t b = 0; b < B; ++b) {
        const auto* at = indices.as<std::int64_t>() + (n * B + b) * 2;
        const auto i = std::clamp<std::int64_t>(at[0], 0, I - 2), j = std::clamp<std::int64_t>(at[1], 0, J - 1);
        EXPECT_EQ(y.as<double>()[(w * N + n) * B + b], x.as<double>()[(b * I + i + w) * J + j]);
      }
}

Array scatterRows(Scatter k, const Array& x, const Array& rows, const Array& updates) {
  return eval("scatter", {x, rows, updates}, {kind(k), {"window_dims", List{}}, {"inserted_dims", List{0}}, {"operand_batch_dims", List{}},
                                              {"indices_batch_dims", List{}}, {"index_map", List{0}}});
}

TEST(Indexing, ScatterKindsInOrderAndOutOfBounds) {
  const Array x = vector({10, 20, 30}), rows = array<std::int64_t>({5, 1}, {1, 1, 3, -1, 0});
  const Array u = vector({2, 3, 100, 100, 5});
  expectSame(scatterRows(Scatter::set, x, rows, u), {5, 3, 30});
  expectSame(scatterRows(Scatter::add, x, rows, u), {15, 25, 30});
  expectSame(scatterRows(Scatter::mul, x, rows, u), {50, 120, 30});
  expectSame(scatterRows(Scatter::min, x, rows, u), {5, 2, 30});
  expectSame(scatterRows(Scatter::max, x, rows, vector({2, 33, 100, 100, nan})), {nan, 33, 30});
  expectSame<bool>(scatterRows(Scatter::set, array<bool>({2}, {false, false}), array<std::int64_t>({1, 1}, {1}), array<bool>({1}, {true})), {false, true});
  expectSame<std::int32_t>(scatterRows(Scatter::add, array<std::int32_t>({2}, {1, 1}), array<std::int64_t>({2, 1}, {1, 1}), array<std::int32_t>({2}, {2, 3})), {1, 6});
}

TEST(Indexing, ScatterWindowsAgainstLoops) {
  // x[b, i, j] gets 2-row windows at i = indices[b, n]; updates are (window row, b, n, j).
  const std::int64_t B = 2, I = 5, J = 3, N = 7;
  const Array x = randomArray({B, I, J}, 3), updates = randomArray({2, B, N, J}, 4);
  std::mt19937_64 bits(5);
  Array indices(Dtype::i64, {B, N, 1});
  for (std::int64_t k = 0; k < B * N; ++k) indices.as<std::int64_t>()[k] = std::int64_t(bits() % 7) - 1;
  const Array y = eval("scatter", {x, indices, updates},
                       {kind(Scatter::add), {"window_dims", List{0, 3}}, {"inserted_dims", List{}}, {"operand_batch_dims", List{0}},
                        {"indices_batch_dims", List{0}}, {"index_map", List{1}}});
  auto want = values(x);
  for (std::int64_t w = 0; w < 2; ++w)
    for (std::int64_t b = 0; b < B; ++b)
      for (std::int64_t n = 0; n < N; ++n)
        for (std::int64_t j = 0; j < J; ++j) {
          const std::int64_t i = indices.as<std::int64_t>()[b * N + n];
          if (i < 0 || i > I - 2) continue;
          want[std::size_t((b * I + i + w) * J + j)] += updates.as<double>()[((w * B + b) * N + n) * J + j];
        }
  expectSame(y, want);
}

//===---------------------------------- reductions -------------------------------===//

/// The order the dialect defines, written once more as plainly as possible.
double orderedSum(const std::vector<double>& x) {
  if (x.empty()) return 0.0;
  double total = 0;
  for (std::size_t begin = 0; begin < x.size(); begin += 512) {
    double p[8];
    for (double& v : p) v = -0.0;
    for (std::size_t i = begin; i < std::min(x.size(), begin + 512); ++i) p[i % 8] += x[i];
    for (int k = 0; k < 4; ++k) p[k] += p[k + 4];
    for (int k = 0; k < 2; ++k) p[k] += p[k + 2];
    const double block = p[0] + p[1];
    total = begin == 0 ? block : total + block;
  }
  return total;
}

TEST(Reduce, SumIsInTheDefinedOrderForEveryExtent) {
  for (std::int64_t n : {0, 1, 2, 7, 8, 9, 63, 64, 65, 511, 512, 513, 1024, 1700}) {
    const auto x = randoms(std::size_t(n), 11);
    expectSame(eval("reduce", {doubles({n}, x)}, {kind(Reduce::sum), {"dims", List{0}}}), {orderedSum(x)});
    // The same numbers down the columns of a matrix, next to others.
    const std::int64_t columns = 11;
    Array m(f64, {n, columns});
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t k = 0; k < columns; ++k) m.as<double>()[i * columns + k] = x[std::size_t(i)] + double(k);
    const auto sums = values(eval("reduce", {m}, {kind(Reduce::sum), {"dims", List{0}}}));
    for (std::int64_t k = 0; k < columns; ++k) {
      std::vector<double> column;
      for (double v : x) column.push_back(v + double(k));
      EXPECT_EQ(sums[std::size_t(k)], orderedSum(column)) << n << " " << k;
    }
  }
}

TEST(Reduce, SeveralDimensionsInRowMajorOrder) {
  const Array x = randomArray({5, 3, 7, 2}, 12);
  const auto have = values(eval("reduce", {x}, {kind(Reduce::sum), {"dims", List{0, 2}}}));
  for (std::int64_t j = 0; j < 3; ++j)
    for (std::int64_t l = 0; l < 2; ++l) {
      std::vector<double> chosen;
      for (std::int64_t i = 0; i < 5; ++i)
        for (std::int64_t k = 0; k < 7; ++k) chosen.push_back(x.as<double>()[((i * 3 + j) * 7 + k) * 2 + l]);
      EXPECT_EQ(have[std::size_t(j * 2 + l)], orderedSum(chosen));
    }
}

TEST(Reduce, KindsIdentitiesAndDtypes) {
  auto reduce = [](Reduce k, const Array& x) { return eval("reduce", {x}, {kind(k), {"dims", List{0}}}); };
  expectSame(reduce(Reduce::prod, vector({2, 3, -4})), {-24});
  expectSame(reduce(Reduce::max, vector({2, nan, 3})), {nan});
  expectSame(reduce(Reduce::min, vector({2, -inf, 3})), {-inf});
  expectSame(reduce(Reduce::sum, vector({-0.0, -0.0})), {-0.0});
  expectSame(reduce(Reduce::sum, doubles({0}, {})), {0.0});
  expectSame(reduce(Reduce::prod, doubles({0}, {})), {1});
  expectSame(reduce(Reduce::max, doubles({0}, {})), {-inf});
  expectSame(reduce(Reduce::min, doubles({0}, {})), {inf});
  expectSame<std::int32_t>(reduce(Reduce::max, array<std::int32_t>({0}, {})), {INT32_MIN});
  expectSame<std::int64_t>(reduce(Reduce::sum, array<std::int64_t>({3}, {1, 2, -9})), {-6});
  expectSame<std::uint32_t>(reduce(Reduce::sum, array<std::uint32_t>({2}, {UINT32_MAX, 2})), {1});
  expectSame<std::uint64_t>(reduce(Reduce::max, array<std::uint64_t>({2}, {UINT64_MAX, 2})), {UINT64_MAX});
  expectSame<float>(reduce(Reduce::sum, array<float>({3}, {16777216, 1, 1})), {16777216.0f + 1.0f + 1.0f});
  expectSame<bool>(reduce(Reduce::all, array<bool>({3}, {true, false, true})), {false});
  expectSame<bool>(reduce(Reduce::any, array<bool>({3}, {true, false, true})), {true});
  expectSame<bool>(reduce(Reduce::all, array<bool>({0}, {})), {true});
  expectSame<bool>(reduce(Reduce::any, array<bool>({0}, {})), {false});
}

TEST(ArgReduce, FirstExtremeAndNaN) {
  auto arg = [](bool max, const Array& x) { return eval("arg_reduce", {x}, {{"max", max}, {"dim", std::int64_t(0)}}); };
  expectSame<std::int64_t>(arg(true, vector({1, 3, 3, 2})), {1});
  expectSame<std::int64_t>(arg(false, vector({2, 1, 3, 1})), {1});
  expectSame<std::int64_t>(arg(true, vector({1, nan, 5, nan})), {1});
  expectSame<std::int64_t>(arg(false, vector({1, nan, -5})), {1});
  expectSame<std::int64_t>(arg(true, doubles({2, 2}, {1, 4, 2, 3})), {1, 0});
  expectSame<std::int64_t>(arg(true, array<std::uint32_t>({2}, {1, UINT32_MAX})), {1});
}

TEST(Cumulative, KindsAndDirection) {
  auto scan = [](Cumulative k, const Array& x, bool reverse = false) {
    return eval("cumulative", {x}, {kind(k), {"dim", std::int64_t(0)}, {"reverse", reverse}});
  };
  expectSame(scan(Cumulative::sum, vector({1, 2, 3})), {1, 3, 6});
  expectSame(scan(Cumulative::sum, vector({1, 2, 3}), true), {6, 5, 3});
  expectSame(scan(Cumulative::prod, vector({2, 3, 4})), {2, 6, 24});
  expectSame(scan(Cumulative::max, vector({1, 3, 2})), {1, 3, 3});
  expectSame(scan(Cumulative::min, vector({3, 1, 2}), true), {1, 1, 2});
  expectSame(scan(Cumulative::sum, doubles({2, 2}, {1, 2, 3, 4})), {1, 2, 4, 6});
  expectSame<std::int32_t>(scan(Cumulative::sum, array<std::int32_t>({2}, {1, 2})), {1, 3});
  const auto y = values(scan(Cumulative::logsumexp, vector({-inf, -inf, 1, 2, 800})));
  expectSame(vector({y[0], y[1], y[2]}), {-inf, -inf, 1});
  EXPECT_NEAR(y[3], std::log(std::exp(1) + std::exp(2)), 1e-15);
  EXPECT_EQ(y[4], 800);
  expectSame(scan(Cumulative::logsumexp, vector({inf, inf, nan})), {inf, inf, nan});
}

//===-------------------------------- linear algebra -----------------------------===//

double orderedDot(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() <= 64) {
    double s = 0;
    for (std::size_t i = 0; i < a.size(); ++i) s = std::fma(a[i], b[i], s);
    return s;
  }
  double total = 0;
  for (std::size_t begin = 0; begin < a.size(); begin += 512) {
    double p[8];
    for (double& v : p) v = -0.0;
    for (std::size_t i = begin; i < std::min(a.size(), begin + 512); ++i) p[i % 8] = std::fma(a[i], b[i], p[i % 8]);
    for (int half : {4, 2, 1})
      for (int k = 0; k < half; ++k) p[k] += p[k + half];
    total = begin == 0 ? p[0] : total + p[0];
  }
  return total;
}

TEST(DotGeneral, OrderForEveryExtentAndColumnCount) {
  for (std::int64_t n : {0, 1, 3, 64, 65, 100, 512, 513, 1200})
    for (std::int64_t columns : {1, 4, 7, 8, 13}) {
      const Array a = randomArray({2, n}, 21), b = randomArray({n, columns}, 22);
      const auto y = values(eval("dot_general", {a, b}, {{"lhs_batch", List{}}, {"rhs_batch", List{}}, {"lhs_contract", List{1}}, {"rhs_contract", List{0}}}));
      for (std::int64_t i = 0; i < 2; ++i)
        for (std::int64_t k = 0; k < columns; ++k) {
          std::vector<double> u, v;
          for (std::int64_t j = 0; j < n; ++j) {
            u.push_back(a.as<double>()[i * n + j]);
            v.push_back(b.as<double>()[j * columns + k]);
          }
          EXPECT_EQ(y[std::size_t(i * columns + k)], orderedDot(u, v)) << n << " " << columns;
        }
    }
}

TEST(DotGeneral, BatchAndSeveralContractedDimensions) {
  // lhs[k, b, i, m], rhs[m, j, b, k] -> [b, i, j]
  const std::int64_t K = 2, B = 3, I = 4, M = 5, J = 6;
  const Array lhs = randomArray({K, B, I, M}, 31), rhs = randomArray({M, J, B, K}, 32);
  const Array y = eval("dot_general", {lhs, rhs}, {{"lhs_batch", List{1}}, {"rhs_batch", List{2}}, {"lhs_contract", List{3, 0}}, {"rhs_contract", List{0, 3}}});
  ASSERT_EQ(y.shape, (Shape{B, I, J}));
  for (std::int64_t b = 0; b < B; ++b)
    for (std::int64_t i = 0; i < I; ++i)
      for (std::int64_t j = 0; j < J; ++j) {
        double s = 0;
        for (std::int64_t m = 0; m < M; ++m)
          for (std::int64_t k = 0; k < K; ++k)
            s = std::fma(lhs.as<double>()[((k * B + b) * I + i) * M + m], rhs.as<double>()[((m * J + j) * B + b) * K + k], s);
        EXPECT_EQ(y.as<double>()[(b * I + i) * J + j], s);
      }
}

TEST(DotGeneral, Dtypes) {
  const Attrs inner{{"lhs_batch", List{}}, {"rhs_batch", List{}}, {"lhs_contract", List{0}}, {"rhs_contract", List{0}}};
  expectSame<std::int32_t>(eval("dot_general", {array<std::int32_t>({2}, {2, 3}), array<std::int32_t>({2}, {4, 5})}, inner), {23});
  expectSame<std::uint64_t>(eval("dot_general", {array<std::uint64_t>({1}, {UINT64_MAX}), array<std::uint64_t>({1}, {2})}, inner), {UINT64_MAX - 1});
  expectSame<float>(eval("dot_general", {array<float>({2}, {1.5f, 2}), array<float>({2}, {2, 3})}, inner), {9});
}

TEST(Argsort, IsStableAndPutsNaNLast) {
  auto order = [](std::vector<Array> keys, std::int64_t dim = 0) { return eval("argsort", keys, {{"dim", dim}}); };
  expectSame<std::int64_t>(order({vector({3, nan, -inf, 1, inf, -1, nan})}), {2, 5, 3, 0, 4, 1, 6});
  expectSame<std::int64_t>(order({vector({0.0, -0.0, 1, -0.0, 0.0})}), {0, 1, 3, 4, 2});
  expectSame<std::int64_t>(order({vector({1, 0, 1, 0}), vector({2, 5, 1, 4})}), {3, 1, 2, 0});
  expectSame<std::int64_t>(order({doubles({2, 3}, {3, 1, 2, 4, 6, 5})}, 1), {1, 2, 0, 0, 2, 1});
  expectSame<std::int64_t>(order({doubles({2, 3}, {3, 1, 2, 2, 6, 5})}, 0), {1, 0, 0, 0, 1, 1});
  expectSame<std::int64_t>(order({array<std::uint64_t>({3}, {~0ull, 1, 1ull << 63})}), {1, 2, 0});
  expectSame<std::int64_t>(order({array<std::int64_t>({3}, {5, -7, 0})}), {1, 2, 0});
  expectSame<std::int64_t>(order({array<bool>({3}, {true, false, true})}), {1, 0, 2});
  expectSame<std::int64_t>(order({array<float>({3}, {2, -1, 0.5f})}), {1, 2, 0});
}

}  // namespace
}  // namespace nuthatch::test
