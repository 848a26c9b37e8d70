// The derivative of every operation, to second order: jvp, vjp, jvp and vjp of each, and vmap inside and outside.
#include "tests/passes/derivatives.h"

namespace nuthatch::test {
namespace {

using namespace ir;
using List = std::vector<std::int64_t>;
using Dims = llvm::ArrayRef<std::int64_t>;

Array matrix(Shape shape, double low = 0.3, double high = 1.7, unsigned seed = 0) { return spread(std::move(shape), low, high, Dtype::f64, seed); }

Function onOne(std::function<Value(Builder&, Value)> f) {
  return [f](Builder& b, mlir::ValueRange x) { return Values{f(b, x[0])}; };
}

struct UnaryCase {
  UnaryKind kind;
  double low, high;
};
class UnaryDerivative : public testing::TestWithParam<UnaryCase> {};
TEST_P(UnaryDerivative, MatchesDifferences) {
  auto [kind, low, high] = GetParam();
  Function f = onOne([kind = kind](Builder& b, Value x) { return b.unary(kind, x); });
  checkDerivatives(f, {matrix({2, 3}, low, high)});
  checkDerivatives(f, {spread({3}, low, high, Dtype::f32)}, {.order = 1, .step = 2e-2, .tolerance = 2e-3});
}
INSTANTIATE_TEST_SUITE_P(All, UnaryDerivative, testing::Values(
    UnaryCase{UnaryKind::neg, -1, 1}, UnaryCase{UnaryKind::abs, -2, 2}, UnaryCase{UnaryKind::sign, -2, 2},
    UnaryCase{UnaryKind::floor, 0.1, 0.9}, UnaryCase{UnaryKind::ceil, 0.1, 0.9}, UnaryCase{UnaryKind::round, 0.6, 1.4},
    UnaryCase{UnaryKind::sqrt, 0.5, 2}, UnaryCase{UnaryKind::rsqrt, 0.5, 2}, UnaryCase{UnaryKind::exp, -1, 1},
    UnaryCase{UnaryKind::expm1, -1, 1}, UnaryCase{UnaryKind::log, 0.5, 2}, UnaryCase{UnaryKind::log1p, -0.3, 2},
    UnaryCase{UnaryKind::sin, -2, 2}, UnaryCase{UnaryKind::cos, -2, 2}, UnaryCase{UnaryKind::tan, -1, 1},
    UnaryCase{UnaryKind::tanh, -1.5, 1.5}, UnaryCase{UnaryKind::logistic, -2, 2}, UnaryCase{UnaryKind::softplus, -2, 2},
    UnaryCase{UnaryKind::erf, -1.5, 1.5}, UnaryCase{UnaryKind::erfc, -1.5, 1.5}, UnaryCase{UnaryKind::erf_inv, -0.7, 0.7},
    UnaryCase{UnaryKind::lgamma, 0.7, 4}, UnaryCase{UnaryKind::digamma, 0.7, 4}, UnaryCase{UnaryKind::trigamma, 0.7, 4},
    UnaryCase{UnaryKind::trigamma, -0.7, -0.3}, UnaryCase{UnaryKind::atan, -2, 2}, UnaryCase{UnaryKind::asin, -0.7, 0.7},
    UnaryCase{UnaryKind::acos, -0.7, 0.7}, UnaryCase{UnaryKind::sinh, -1, 1}, UnaryCase{UnaryKind::cosh, -1, 1},
    UnaryCase{UnaryKind::asinh, -2, 2}, UnaryCase{UnaryKind::acosh, 1.5, 3}, UnaryCase{UnaryKind::atanh, -0.6, 0.6},
    UnaryCase{UnaryKind::exp2, -1, 1}, UnaryCase{UnaryKind::log2, 0.5, 2}, UnaryCase{UnaryKind::log10, 0.5, 2},
    UnaryCase{UnaryKind::cbrt, 0.5, 2}, UnaryCase{UnaryKind::cbrt, -2, -0.5}, UnaryCase{UnaryKind::erfcx, -1, 2},
    UnaryCase{UnaryKind::ndtri, 0.2, 0.8}, UnaryCase{UnaryKind::log_ndtr, -3, 2}, UnaryCase{UnaryKind::bessel_i0e, 0.3, 3},
    UnaryCase{UnaryKind::bessel_i1e, 0.3, 3}, UnaryCase{UnaryKind::bessel_i1e, -3, -0.3}));

struct BinaryCase {
  BinaryKind kind;
  double low, high;
};
class BinaryDerivative : public testing::TestWithParam<BinaryCase> {};
TEST_P(BinaryDerivative, MatchesDifferences) {
  auto [kind, low, high] = GetParam();
  Function f = [kind = kind](Builder& b, mlir::ValueRange x) { return Values{b.binary(kind, x[0], x[1])}; };
  checkDerivatives(f, {matrix({2, 3}, low, high), matrix({2, 3}, 0.6, 1.5, 1)});
  checkDerivatives([kind = kind](Builder& b, mlir::ValueRange x) { return Values{b.binary(kind, x[0], b.like(x[0], 0.75))}; },
                   {matrix({4}, low, high)});
  checkDerivatives([kind = kind](Builder& b, mlir::ValueRange x) { return Values{b.binary(kind, b.like(x[0], 1.25), x[0])}; },
                   {matrix({4}, low, high)});
}
INSTANTIATE_TEST_SUITE_P(All, BinaryDerivative, testing::Values(
    BinaryCase{BinaryKind::add, -1, 1}, BinaryCase{BinaryKind::sub, -1, 1}, BinaryCase{BinaryKind::mul, -1, 1},
    BinaryCase{BinaryKind::div, 0.4, 1.3}, BinaryCase{BinaryKind::rem, 2.6, 2.7}, BinaryCase{BinaryKind::max, 0.2, 1.9},
    BinaryCase{BinaryKind::min, 0.2, 1.9}, BinaryCase{BinaryKind::pow, 0.5, 1.8}, BinaryCase{BinaryKind::atan2, 0.5, 1.6},
    BinaryCase{BinaryKind::owens_t, -1.5, 1.5}, BinaryCase{BinaryKind::igamma, 0.6, 2.5}, BinaryCase{BinaryKind::igammac, 0.6, 2.5},
    BinaryCase{BinaryKind::igamma_grad_x, 0.6, 2.5}));

// Of the derivatives in shape parameters there are two.
TEST(OpDerivative, IncompleteGamma) {
  auto of = [](BinaryKind kind) { return [kind](Builder& b, mlir::ValueRange x) { return Values{b.binary(kind, x[0], x[1])}; }; };
  const Array shape = matrix({2, 3}, 0.6, 2.5), x = matrix({2, 3}, 0.4, 3, 1), p = matrix({2, 3}, 0.1, 0.9, 2);
  checkDerivatives(of(BinaryKind::igamma_grad_a), {shape, x}, {.order = 1});
  for (BinaryKind kind : {BinaryKind::igamma_inv, BinaryKind::igammac_inv}) checkDerivatives(of(kind), {shape, p});
  for (BinaryKind kind : {BinaryKind::igamma_grad_a, BinaryKind::igamma_grad_aa})
    checkDerivatives([kind](Builder& b, mlir::ValueRange x) { return Values{b.binary(kind, b.like(x[0], 1.3), x[0])}; }, {x});
  // Large parameters, where the functions are computed otherwise.
  checkDerivatives(of(BinaryKind::igamma), {matrix({2, 3}, 18, 22), matrix({2, 3}, 16, 25, 1)}, {.tolerance = 1e-6});
}
TEST(OpDerivative, IncompleteBeta) {
  using K = TernaryKind;
  auto of = [](K kind) { return [kind](Builder& b, mlir::ValueRange x) { return Values{b.ternary(kind, x[0], x[1], x[2])}; }; };
  const Array a = matrix({2, 3}, 0.6, 2.5), b = matrix({2, 3}, 0.7, 3, 1), x = matrix({2, 3}, 0.15, 0.85, 2);
  for (K kind : {K::betainc, K::betainc_grad_x, K::betainc_inv}) checkDerivatives(of(kind), {a, b, x});
  for (K kind : {K::betainc_grad_a, K::betainc_grad_b}) checkDerivatives(of(kind), {a, b, x}, {.order = 1});
  for (int kind = 0; kind <= int(K::betainc_inv); ++kind)
    checkDerivatives([kind](Builder& b, mlir::ValueRange x) {
      return Values{b.ternary(K(kind), b.like(x[0], 1.3), b.like(x[0], 0.8), x[0])};
    }, {x});
  checkDerivatives(of(K::betainc), {matrix({2, 3}, 18, 22), matrix({2, 3}, 25, 30, 1), matrix({2, 3}, 0.3, 0.6, 2)}, {.tolerance = 1e-6});
}
TEST(OpDerivative, ThirdDerivativesInShapesAreRefused) {
  const Array x = matrix({2}, 0.5, 0.9);
  auto message = [&](const Function& f) { return Compiled(vjpOf(f, 1), {x, x}).message; };
  const std::string text = "third derivatives of incomplete gamma and beta functions in their parameters are not available";
  EXPECT_NE(message(onOne([](Builder& b, Value x) { return b.binary(BinaryKind::igamma_grad_aa, x, x); })).find(text), std::string::npos);
  EXPECT_NE(message(onOne([](Builder& b, Value x) { return b.ternary(TernaryKind::betainc_grad_ab, x, x, x); })).find(text), std::string::npos);
}
TEST(OpDerivative, Polygamma) {
  for (double order : {0.0, 1.0, 2.0, 5.0})
    for (auto [low, high] : {std::pair(0.7, 4.0), std::pair(-0.8, -0.2)})
      checkDerivatives(onOne([order = order](Builder& b, Value x) { return b.binary(BinaryKind::polygamma, b.like(x, order), x); }),
                       {matrix({4}, low, high)}, {.tolerance = 1e-5});
}

TEST(OpDerivative, SingularPoints) {
  auto gradient = [](const Function& f, std::vector<double> x) {
    const auto n = std::int64_t(x.size());
    Arrays at{filled(Dtype::f64, {n}, [&](std::int64_t i) { return x[std::size_t(i)]; }), filled(Dtype::f64, {n}, [](std::int64_t) { return 1.0; })};
    Array g = Compiled(vjpOf(f, 1), at)(at)[0];
    return std::vector<double>(g.as<double>(), g.as<double>() + n);
  };
  using V = std::vector<double>;
  EXPECT_EQ(gradient(onOne([](Builder& b, Value x) { return b.unary(UnaryKind::abs, x); }), {0.0, -2.0}), (V{0.0, -1.0}));
  EXPECT_EQ(gradient(onOne([](Builder& b, Value x) { return b.unary(UnaryKind::sqrt, x); }), {0.0, 4.0}), (V{0.0, 0.25}));
  EXPECT_EQ(gradient(onOne([](Builder& b, Value x) { return b.binary(BinaryKind::max, x, b.like(x, 0.0)); }), {0.0, 1.0, -1.0}),
            (V{0.5, 1.0, 0.0}));
  EXPECT_EQ(gradient(onOne([](Builder& b, Value x) { return b.binary(BinaryKind::pow, x, b.like(x, 2.0)); }), {0.0, -3.0}), (V{0.0, -6.0}));
  EXPECT_EQ(gradient(onOne([](Builder& b, Value x) { return b.binary(BinaryKind::pow, b.like(x, 0.0), x); }), {1.0, 2.0}), (V{0.0, 0.0}));
  EXPECT_EQ(gradient(onOne([](Builder& b, Value x) { return b.binary(BinaryKind::pow, b.like(x, 2.0), x); }), {0.0})[0], std::log(2.0));
  // x^p with a varied exponent that is 0, at x = 0
  Function power = [](Builder& b, mlir::ValueRange x) { return Values{b.binary(BinaryKind::pow, x[0], x[1])}; };
  Array zero = filled(Dtype::f64, {1}, [](std::int64_t) { return 0.0; }), one = filled(Dtype::f64, {1}, [](std::int64_t) { return 1.0; });
  Arrays at{zero, zero, one};
  Arrays g = Compiled(vjpOf(power, 2), at)(at);
  EXPECT_EQ(get(g[0], 0), 0.0);
  EXPECT_EQ(get(g[1], 0), 0.0);
  // A maximum attained three times, once by each of equal elements.
  EXPECT_EQ(gradient(onOne([](Builder& b, Value x) { return b.broadcast(b.reduce(ReduceKind::max, x, {0}), {4}, {}); }), {2, 1, 2, 2}),
            (V{4.0 / 3, 0, 4.0 / 3, 4.0 / 3}));
}

TEST(OpDerivative, Select) {
  checkDerivatives([](Builder& b, mlir::ValueRange x) {
    Value p = b.compare(CompareKind::gt, x[0], x[1]);
    return Values{b.select(p, b.mul(x[0], x[1]), b.exp(x[1])), b.select(p, x[0], b.like(x[0], 2.0))};
  }, {matrix({5}), matrix({5}, 0.4, 1.6, 3)});
}
TEST(OpDerivative, Fma) {
  checkDerivatives([](Builder& b, mlir::ValueRange x) { return Values{b.one("fma", x)}; },
                   {matrix({4}), matrix({4}, -1, 1, 1), matrix({4}, -1, 1, 2)});
}
TEST(OpDerivative, Convert) {
  checkDerivatives(onOne([](Builder& b, Value x) { return b.convert(b.exp(b.convert(x, b.b.getF32Type())), b.b.getF64Type()); }),
                   {matrix({4})}, {.order = 1, .step = 2e-2, .tolerance = 2e-3});
  // Through integers nothing flows.
  Arrays at{matrix({3}), matrix({3})};
  Function whole = onOne([](Builder& b, Value x) { return b.convert(b.convert(x, b.b.getI64Type()), b.b.getF64Type()); });
  for (std::int64_t i = 0; i < 3; ++i) EXPECT_EQ(get(Compiled(vjpOf(whole, 1), at)(at)[0], i), 0.0);
}

TEST(OpDerivative, Broadcast) {
  for (auto [from, to, dims] : std::vector<std::tuple<List, List, List>>{
           {{}, {3}, {}}, {{3}, {2, 3}, {1}}, {{3}, {3, 2}, {0}}, {{1, 3}, {4, 3}, {0, 1}}, {{2, 1}, {2, 3, 4}, {0, 2}}, {{1, 1}, {1, 5}, {0, 1}}})
    checkDerivatives(onOne([=](Builder& b, Value x) { return b.broadcast(b.mul(x, x), Dims(to), Dims(dims)); }), {matrix(Shape(from))});
}
TEST(OpDerivative, Reshape) {
  checkDerivatives(onOne([](Builder& b, Value x) { return b.reshape(b.mul(x, x), {3, 2}); }), {matrix({6})});
}
TEST(OpDerivative, Transpose) {
  checkDerivatives(onOne([](Builder& b, Value x) { return b.transpose(b.exp(x), {2, 0, 1}); }), {matrix({2, 3, 4})});
}
TEST(OpDerivative, Slice) {
  checkDerivatives(onOne([](Builder& b, Value x) { return b.slice(b.exp(x), {1, 0}, {5, 3}, {2, 1}); }), {matrix({6, 3})});
  // Parts that tile, overlap, repeat and leave gaps.
  checkDerivatives([](Builder& b, mlir::ValueRange x) {
    Value v = b.exp(x[0]);
    return Values{b.slice(v, {0}, {3}, {1}), b.slice(v, {3}, {4}, {1}), b.slice(v, {5}, {9}, {1}), b.slice(v, {3}, {4}, {1})};
  }, {matrix({10})});
  checkDerivatives([](Builder& b, mlir::ValueRange x) {
    return Values{b.slice(x[0], {0}, {3}, {1}), b.slice(x[0], {2}, {6}, {1}), b.exp(x[0])};
  }, {matrix({6})});
}
TEST(OpDerivative, Reverse) {
  checkDerivatives(onOne([](Builder& b, Value x) { return b.reverse(b.exp(x), {1}); }), {matrix({2, 3})});
}
TEST(OpDerivative, Pad) {
  checkDerivatives([](Builder& b, mlir::ValueRange x) { return Values{b.pad(b.exp(x[0]), {1, 0}, {2, 1}, {1, 0}, b.exp(x[1]))}; },
                   {matrix({2, 3}), matrix({})});
  checkDerivatives(onOne([](Builder& b, Value x) { return b.pad(b.splat(tensorType(b.b.getContext(), Dtype::f64, {2}), 1.0), {1}, {0}, {2}, x); }),
                   {matrix({})});
}
TEST(OpDerivative, Concatenate) {
  checkDerivatives([](Builder& b, mlir::ValueRange x) { return Values{b.concatenate({b.exp(x[0]), x[1], b.like(x[0], 1.0), x[0]}, 1)}; },
                   {matrix({2, 3}), matrix({2, 1})});
}
TEST(OpDerivative, DynamicSlice) {
  for (std::int64_t at : {0, 2, 7})
    checkDerivatives([](Builder& b, mlir::ValueRange x) {
      Value v = b.exp(x[0]);
      return Values{b.dynamicSlice(v, {x[1], b.scalar(1)}, {2, 2}), b.dynamicSlice(v, {b.scalar(0), x[1]}, {1, 3}), b.dynamicSlice(v, {b.scalar(9), b.scalar(0)}, {1, 3})};
    }, {matrix({5, 3}), integers({}, {at})});
}
TEST(OpDerivative, DynamicUpdateSlice) {
  checkDerivatives([](Builder& b, mlir::ValueRange x) { return Values{b.dynamicUpdateSlice(b.exp(x[0]), b.exp(x[1]), {x[2], b.scalar(0)})}; },
                   {matrix({5, 3}), matrix({2, 2}), integers({}, {4})});
  checkDerivatives([](Builder& b, mlir::ValueRange x) { return Values{b.dynamicUpdateSlice(b.like(x[0], 1.0), b.exp(x[0]), {x[1]})}; },
                   {matrix({3}), integers({}, {0})});
}

Value gatherRows(Builder& b, Value x, Value indices) {
  return b.one("gather", {x, indices}, {b.attr("offset_dims", Dims{1}), b.attr("collapsed_dims", Dims{0}), b.attr("operand_batch_dims", Dims{}),
                                        b.attr("indices_batch_dims", Dims{}), b.attr("index_map", Dims{0}), b.attr("slice_sizes", Dims{1, shapeOf(x)[1]})});
}
TEST(OpDerivative, Gather) {
  // Repeated and out of bounds (clamped) indices.
  checkDerivatives([](Builder& b, mlir::ValueRange x) { return Values{gatherRows(b, b.exp(x[0]), x[1]), gatherRows(b, b.exp(x[0]), x[1])}; },
                   {matrix({4, 2}), integers({5, 1}, {0, 3, 3, 9, -2})});
  // Batch dimensions.
  checkDerivatives([](Builder& b, mlir::ValueRange x) {
    return Values{b.one("gather", {b.exp(x[0]), x[1]}, {b.attr("offset_dims", Dims{2}), b.attr("collapsed_dims", Dims{}), b.attr("operand_batch_dims", Dims{0}),
                                                        b.attr("indices_batch_dims", Dims{0}), b.attr("index_map", Dims{1}), b.attr("slice_sizes", Dims{1, 2})})};
  }, {matrix({2, 5}), integers({2, 3, 1}, {0, 3, 4, 1, 1, 7})});
}

Value scatterRows(Builder& b, ScatterKind kind, Value x, Value indices, Value updates) {
  return b.one("scatter", {x, indices, updates},
               {b.kind(std::uint32_t(kind)), b.attr("window_dims", Dims{1}), b.attr("inserted_dims", Dims{0}), b.attr("operand_batch_dims", Dims{}),
                b.attr("indices_batch_dims", Dims{}), b.attr("index_map", Dims{0})});
}
class ScatterDerivative : public testing::TestWithParam<ScatterKind> {};
TEST_P(ScatterDerivative, MatchesDifferences) {
  const ScatterKind kind = GetParam();
  for (List indices : {List{1, 3, 1, 0}, List{2, 9, -1, 2}, List{3, 2, 1, 0}})
    checkDerivatives([kind](Builder& b, mlir::ValueRange x) { return Values{scatterRows(b, kind, b.exp(x[0]), x[1], b.exp(x[2]))}; },
                     {matrix({4, 2}), integers({4, 1}, indices), matrix({4, 2}, 0.2, 1.6, 5)});
  checkDerivatives([kind](Builder& b, mlir::ValueRange x) { return Values{scatterRows(b, kind, b.like(x[0], 1.0), x[1], x[0])}; },
                   {matrix({4, 2}), integers({4, 1}, {0, 2, 2, 3})});
}
INSTANTIATE_TEST_SUITE_P(All, ScatterDerivative,
                         testing::Values(ScatterKind::set, ScatterKind::add, ScatterKind::mul, ScatterKind::min, ScatterKind::max));
/// y = x u0 u1 with u0 = 0: dy/du0 = x u1 depends on u1, and dy/du1 = x u0 on u0.
TEST(OpDerivative, ScatterOfAFactorZero) {
  Array updates = matrix({2, 1}, 3, 3);
  updates.as<double>()[0] = 0.0;
  checkDerivatives([](Builder& b, mlir::ValueRange x) { return Values{scatterRows(b, ScatterKind::mul, x[0], x[1], x[2])}; },
                   {matrix({1, 1}, 2, 2), integers({2, 1}, {0, 0}), updates});
}

class ReduceDerivative : public testing::TestWithParam<ReduceKind> {};
TEST_P(ReduceDerivative, MatchesDifferences) {
  const ReduceKind kind = GetParam();
  for (List dims : {List{0}, List{1}, List{0, 2}, List{0, 1, 2}})
    checkDerivatives(onOne([&](Builder& b, Value x) { return b.reduce(kind, x, Dims(dims)); }), {matrix({2, 3, 2}, -1.3, 1.5)});
  checkDerivatives(onOne([&](Builder& b, Value x) { return b.reduce(kind, x, {0}); }), {matrix({1})});
}
INSTANTIATE_TEST_SUITE_P(All, ReduceDerivative, testing::Values(ReduceKind::sum, ReduceKind::prod, ReduceKind::max, ReduceKind::min));

TEST(OpDerivative, ProductWithZeros) {
  for (std::vector<double> x : {std::vector<double>{2, 0, 3}, {0, 2, 0}, {0, 0, 0}}) {
    Array at = filled(Dtype::f64, {3}, [&](std::int64_t i) { return x[std::size_t(i)]; });
    checkDerivatives(onOne([](Builder& b, Value v) { return b.reduce(ReduceKind::prod, v, {0}); }), {at});
  }
}

class CumulativeDerivative : public testing::TestWithParam<std::tuple<CumulativeKind, bool>> {};
TEST_P(CumulativeDerivative, MatchesDifferences) {
  auto [kind, reverse] = GetParam();
  for (std::int64_t dim : {0, 1})
    checkDerivatives(onOne([&, kind = kind, reverse = reverse](Builder& b, Value x) {
      return b.one("cumulative", x, {b.kind(std::uint32_t(kind)), b.attr("dim", dim), b.flag("reverse", reverse)});
    }), {matrix({3, 4}, -1.2, 1.4)});
}
INSTANTIATE_TEST_SUITE_P(All, CumulativeDerivative,
                         testing::Combine(testing::Values(CumulativeKind::sum, CumulativeKind::prod, CumulativeKind::max, CumulativeKind::min,
                                                          CumulativeKind::logsumexp),
                                          testing::Bool()));

TEST(OpDerivative, Dot) {
  Function vectors = [](Builder& b, mlir::ValueRange x) { return Values{b.dot(x[0], x[1], {}, {}, {0}, {0})}; };
  checkDerivatives(vectors, {matrix({4}), matrix({4}, -1, 1, 2)});
  Function matrices = [](Builder& b, mlir::ValueRange x) { return Values{b.dot(x[0], x[1], {}, {}, {1}, {0})}; };
  checkDerivatives(matrices, {matrix({2, 3}), matrix({3, 4}, -1, 1, 2)});
  // Batch and contracted dimensions in odd places and orders.
  Function general = [](Builder& b, mlir::ValueRange x) { return Values{b.dot(x[0], x[1], {2, 0}, {1, 3}, {4, 1}, {0, 4})}; };
  checkDerivatives(general, {matrix({2, 3, 4, 2, 3}, -1, 1), matrix({3, 4, 2, 2, 3}, -1, 1, 2)});
  Function same = [](Builder& b, mlir::ValueRange x) { return Values{b.dot(x[0], x[0], {}, {}, {1}, {1})}; };
  checkDerivatives(same, {matrix({3, 2})});
}

Value wellConditioned(Builder& b, Value x) {
  auto shape = shapeOf(x);
  std::int64_t rank = std::int64_t(shape.size());
  auto i64 = b.b.getI64Type();
  llvm::SmallVector<std::int64_t> last(shape.take_back(2));
  Value eye = b.convert(b.compare(CompareKind::eq, b.iota(i64, last, 0), b.iota(i64, last, 1)), elementType(x));
  Value diagonal = b.mul(eye, b.like(eye, 2.5));
  return b.add(x, rank == 2 ? diagonal : b.broadcast(diagonal, shape, {rank - 2, rank - 1}));
}
TEST(OpDerivative, Cholesky) {
  for (Shape shape : {Shape{1, 1}, Shape{3, 3}, Shape{2, 3, 3}})
    checkDerivatives(onOne([](Builder& b, Value x) { return b.one("cholesky", wellConditioned(b, x)); }), {matrix(shape, -0.7, 0.7)});
}
TEST(OpDerivative, CholeskyPullback) {
  Function f = [](Builder& b, mlir::ValueRange x) { return Values{b.one("cholesky_pullback", {wellConditioned(b, x[0]), x[1]})}; };
  for (Shape shape : {Shape{1, 1}, Shape{3, 3}, Shape{2, 6, 6}})
    checkDerivatives(f, {matrix(shape, -0.7, 0.7), matrix(shape, -1, 1, 2)}, {.order = shape.back() > 3 ? 1 : 2});
}
class SolveDerivative : public testing::TestWithParam<std::tuple<bool, bool, bool>> {};
TEST_P(SolveDerivative, MatchesDifferences) {
  auto [lower, transpose, unit] = GetParam();
  Function f = [=, lower = lower, transpose = transpose, unit = unit](Builder& b, mlir::ValueRange x) {
    return Values{b.one("triangular_solve", {wellConditioned(b, x[0]), x[1]},
                        {b.flag("lower", lower), b.flag("transpose", transpose), b.flag("unit_diagonal", unit)})};
  };
  checkDerivatives(f, {matrix({3, 3}, -0.7, 0.7), matrix({3, 2}, -1, 1, 2)});
  checkDerivatives(f, {matrix({2, 3, 3}, -0.7, 0.7), matrix({2, 3, 1}, -1, 1, 2)}, {.order = 1});
}
INSTANTIATE_TEST_SUITE_P(All, SolveDerivative, testing::Combine(testing::Bool(), testing::Bool(), testing::Bool()));

/// The floating-point results of an operation.
Function factorisation(std::string op, std::function<Value(Builder&, Value)> prepared) {
  return [op, prepared](Builder& b, mlir::ValueRange x) { return floats(b.op(op, prepared(b, x[0]))->getResults()); };
}
Value asIs(Builder&, Value x) { return x; }
TEST(OpDerivative, Lu) {
  for (Shape shape : {Shape{1, 1}, Shape{3, 3}, Shape{2, 3, 3}}) checkDerivatives(factorisation("lu", asIs), {matrix(shape, -2, 2)});
}
TEST(OpDerivative, Qr) {
  for (Shape shape : {Shape{1, 1}, Shape{3, 3}, Shape{2, 4, 2}}) checkDerivatives(factorisation("qr", wellConditioned), {matrix(shape, -2, 2)});
}
TEST(OpDerivative, Eigh) {
  for (Shape shape : {Shape{1, 1}, Shape{3, 3}, Shape{2, 3, 3}}) checkDerivatives(factorisation("eigh", asIs), {matrix(shape, -2, 2)});
}
TEST(OpDerivative, Svd) {
  for (Shape shape : {Shape{1, 1}, Shape{3, 3}, Shape{2, 4, 2}}) checkDerivatives(factorisation("svd", asIs), {matrix(shape, -2, 2)});
}

TEST(OpDerivative, Barrier) {
  checkDerivatives([](Builder& b, mlir::ValueRange x) { return Values{b.one("barrier", {b.exp(x[0]), x[1]})}; },
                   {matrix({2, 3}, 0.3, 1.2), spread({4})});
}

TEST(OpDerivative, EveryDifferentiableOperationHasBothModes) {
  auto context = makeContext();
  for (mlir::RegisteredOperationName op : context->getRegisteredOperations()) {
    if (op.getDialectNamespace() != "nh") continue;
    const OpRules& rules = rulesOf(op.stripDialect());
    if (rules.has_regions) continue;
    EXPECT_EQ(bool(rules.jvp), rules.differentiable) << op.stripDialect().str();
    EXPECT_EQ(bool(rules.vjp), rules.differentiable) << op.stripDialect().str();
  }
}

}  // namespace
}  // namespace nuthatch::test
