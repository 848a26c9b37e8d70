// vmap of every operation, for every choice of mapped operands, gives the bits of one evaluation per element.
#include <random>
#include <set>

#include "ir/ops/rules.h"
#include "nuthatch/foreign.h"
#include "passes/form_fma/form_fma.h"
#include "passes/transform/expand.h"
#include "tests/passes/random_program.h"
#include "tests/passes/support.h"

namespace nuthatch::test {
namespace {

constexpr std::int64_t kSize = 3;

Array randomArray(mlir::Type type, std::mt19937& random) {
  Array a = empty(type);
  for (std::int64_t i = 0; i < a.num_elements(); ++i) {
    double x = double(random() % 4001) / 1000 - 2;
    switch (a.dtype) {
      case Dtype::bool_: a.as<bool>()[i] = random() % 2; break;
      case Dtype::i32: a.as<std::int32_t>()[i] = std::int32_t(random() % 9) - 2; break;
      case Dtype::i64: a.as<std::int64_t>()[i] = std::int64_t(random() % 9) - 2; break;
      case Dtype::ui32: a.as<std::uint32_t>()[i] = std::uint32_t(random()); break;
      case Dtype::ui64: a.as<std::uint64_t>()[i] = (std::uint64_t(random()) << 32) | random(); break;
      case Dtype::f32: a.as<float>()[i] = float(x); break;
      case Dtype::f64: a.as<double>()[i] = x; break;
    }
  }
  return a;
}

/// A function of one or a few operations.
struct Case {
  std::string arguments;  // "%a: tensor<2xf64>, ..."
  std::string body;       // defines %r
  std::string result;     // type of %r
  std::string text() const {
    return "func.func @main(" + arguments + ") -> " + result + " {\n  " + body + "\n  return %r : " + result + "\n}\n";
  }
};

void expectMapped(const std::string& text, llvm::ArrayRef<bool> flags, unsigned seed, bool fused = false) {
  auto context = ir::makeContext();
  Module single = parse(*context, text), mapped = parse(*context, text);
  ASSERT_TRUE(single && mapped);
  auto function = wrapInVmap(*mapped, flags, kSize);
  ASSERT_TRUE(mlir::succeeded(passes::expandTransforms(*mapped))) << text;
  if (fused) {
    passes::formFma(*single);
    passes::formFma(*mapped);
  }
  ASSERT_TRUE(mlir::succeeded(mlir::verify(*mapped))) << text << print(*mapped);
  std::mt19937 random(seed);
  Arrays arguments;
  for (mlir::Type type : function.getArgumentTypes()) arguments.push_back(randomArray(type, random));
  Arrays together = ir::interpretFunction(function, arguments);
  for (std::int64_t i = 0; i < kSize; ++i) {
    Arrays own;
    for (std::size_t k = 0; k < arguments.size(); ++k) own.push_back(flags[k] ? elementOf(arguments[k], i) : arguments[k]);
    Arrays alone = ir::interpretFunction(mainOf(*single), own);
    for (std::size_t r = 0; r < alone.size(); ++r)
      EXPECT_TRUE(sameBits(alone[r], elementOf(together[r], i))) << "element " << i << " result " << r << "\n" << text << print(*mapped);
  }
}

/// All choices of mapped operands.
void expectMapped(const std::string& text) {
  std::size_t count = std::size_t(std::count(text.begin(), text.begin() + std::ptrdiff_t(text.find(")")), '%'));
  for (unsigned bits = 0; bits < (1u << count); ++bits) {
    llvm::SmallVector<bool> flags;
    for (std::size_t k = 0; k < count; ++k) flags.push_back((bits >> k) & 1);
    expectMapped(text, flags, bits + 7);
    if (testing::Test::HasFailure()) return;
  }
}

std::vector<Case> cases() {
  std::vector<Case> all;
  const std::string v = "tensor<2x3xf64>", w = "tensor<2x3xi1>", s = "tensor<i64>";
  auto add = [&](std::string arguments, std::string body, std::string result) { all.push_back({arguments, "%r = nh." + body, result}); };
  for (int k = 0; k <= int(ir::UnaryKind::stop_gradient); ++k) {
    auto kind = ir::UnaryKind(k);
    bool logical = kind == ir::UnaryKind::logical_not, test = kind == ir::UnaryKind::is_finite;
    const std::string from = logical ? w : kind == ir::UnaryKind::popcount ? "tensor<3xui32>" : v, to = test ? w : from;
    add("%a: " + from, "unary " + ir::stringifyUnaryKind(kind).str() + " %a : " + from + " -> " + to, to);
  }
  for (int k = 0; k <= int(ir::BinaryKind::shr); ++k) {
    std::string t = k >= int(ir::BinaryKind::and_) ? "tensor<3xui32>" : v;
    add("%a: " + t + ", %b: " + t, "binary " + ir::stringifyBinaryKind(ir::BinaryKind(k)).str() + " %a, %b : " + t, t);
  }
  for (int k = 0; k <= int(ir::TernaryKind::betainc_inv); ++k)
    add("%a: " + v + ", %b: " + v + ", %c: " + v, "ternary " + ir::stringifyTernaryKind(ir::TernaryKind(k)).str() + " %a, %b, %c : " + v, v);
  for (int k = 0; k <= int(ir::CompareKind::ge); ++k)
    add("%a: " + v + ", %b: " + v, "compare " + ir::stringifyCompareKind(ir::CompareKind(k)).str() + " %a, %b : (" + v + ", " + v + ") -> " + w, w);
  add("%p: " + w + ", %a: " + v + ", %b: " + v, "select %p, %a, %b : (" + w + ", " + v + ", " + v + ") -> " + v, v);
  add("%a: " + v + ", %b: " + v + ", %c: " + v, "fma %a, %b, %c : (" + v + ", " + v + ", " + v + ") -> " + v, v);
  add("%a: " + v, "convert %a {dtype = i32} : (" + v + ") -> tensor<2x3xi32>", "tensor<2x3xi32>");
  add("%a: " + v, "bitcast %a {dtype = i64} : (" + v + ") -> tensor<2x3xi64>", "tensor<2x3xi64>");
  add("%a: f64t", "constant dense<[1.0, 2.0]> : tensor<2xf64>", "tensor<2xf64>");
  add("%a: f64t", "iota {dtype = f64, shape = array<i64: 2, 3>, dim = 1 : i64} : () -> " + v, v);
  add("%a: " + v, "broadcast %a {shape = array<i64: 2, 4, 3>, dims = array<i64: 0, 2>} : (" + v + ") -> tensor<2x4x3xf64>", "tensor<2x4x3xf64>");
  add("%a: " + v, "reshape %a {shape = array<i64: 3, 2>} : (" + v + ") -> tensor<3x2xf64>", "tensor<3x2xf64>");
  add("%a: " + v, "transpose %a {perm = array<i64: 1, 0>} : (" + v + ") -> tensor<3x2xf64>", "tensor<3x2xf64>");
  add("%a: " + v, "slice %a {start = array<i64: 1, 0>, limit = array<i64: 2, 3>, stride = array<i64: 1, 2>} : (" + v + ") -> tensor<1x2xf64>", "tensor<1x2xf64>");
  add("%a: " + v, "reverse %a {dims = array<i64: 1>} : (" + v + ") -> " + v, v);
  add("%a: tensor<3xf64>, %p: f64t", "pad %a, %p {low = array<i64: 1>, high = array<i64: 2>, interior = array<i64: 1>} : (tensor<3xf64>, f64t) -> tensor<8xf64>", "tensor<8xf64>");
  add("%a: " + v + ", %b: tensor<2x1xf64>", "concatenate %a, %b {dim = 1 : i64} : (" + v + ", tensor<2x1xf64>) -> tensor<2x4xf64>", "tensor<2x4xf64>");
  add("%a: tensor<4x3xf64>, %i: i64t, %j: i64t", "dynamic_slice %a, %i, %j {sizes = array<i64: 2, 3>} : (tensor<4x3xf64>, i64t, i64t) -> " + v, v);
  add("%a: tensor<4x3xf64>, %u: tensor<2x1xf64>, %i: i64t, %j: i64t", "dynamic_update_slice %a, %u, %i, %j : (tensor<4x3xf64>, tensor<2x1xf64>, i64t, i64t) -> tensor<4x3xf64>", "tensor<4x3xf64>");
  add("%a: tensor<4x3xf64>, %i: tensor<2x1xi64>", "gather %a, %i {offset_dims = array<i64: 1>, collapsed_dims = array<i64: 0>, operand_batch_dims = array<i64>, indices_batch_dims = array<i64>, index_map = array<i64: 0>, slice_sizes = array<i64: 1, 3>} : (tensor<4x3xf64>, tensor<2x1xi64>) -> " + v, v);
  add("%a: tensor<2x4x3xf64>, %i: tensor<2x1xi64>", "gather %a, %i {offset_dims = array<i64: 0>, collapsed_dims = array<i64: 1>, operand_batch_dims = array<i64: 0>, indices_batch_dims = array<i64: 0>, index_map = array<i64: 1>, slice_sizes = array<i64: 1, 1, 3>} : (tensor<2x4x3xf64>, tensor<2x1xi64>) -> tensor<3x2xf64>", "tensor<3x2xf64>");
  for (const char* kind : {"set", "add", "mul", "min", "max"})
    add("%a: tensor<4x3xf64>, %i: tensor<5x1xi64>, %u: tensor<5x3xf64>", std::string("scatter ") + kind + " %a, %i, %u {window_dims = array<i64: 1>, inserted_dims = array<i64: 0>, operand_batch_dims = array<i64>, indices_batch_dims = array<i64>, index_map = array<i64: 0>} : (tensor<4x3xf64>, tensor<5x1xi64>, tensor<5x3xf64>) -> tensor<4x3xf64>", "tensor<4x3xf64>");
  for (const char* kind : {"sum", "prod", "max", "min"}) {
    add("%a: tensor<2x700x2xf64>", std::string("reduce ") + kind + " %a {dims = array<i64: 1>} : (tensor<2x700x2xf64>) -> tensor<2x2xf64>", "tensor<2x2xf64>");
    add("%a: tensor<5x2x3xf64>", std::string("reduce ") + kind + " %a {dims = array<i64: 0, 2>} : (tensor<5x2x3xf64>) -> tensor<2xf64>", "tensor<2xf64>");
  }
  for (const char* kind : {"all", "any"}) add("%a: " + w, std::string("reduce ") + kind + " %a {dims = array<i64: 0>} : (" + w + ") -> tensor<3xi1>", "tensor<3xi1>");
  add("%a: " + v, "arg_reduce %a {max = true, dim = 1 : i64} : (" + v + ") -> tensor<2xi64>", "tensor<2xi64>");
  for (const char* kind : {"sum", "prod", "max", "min", "logsumexp"})
    add("%a: " + v, std::string("cumulative ") + kind + " %a {dim = 1 : i64, reverse = true} : (" + v + ") -> " + v, v);
  add("%a: tensor<2x4x70xf64>, %b: tensor<70x2x5xf64>", "dot_general %a, %b {lhs_batch = array<i64: 0>, rhs_batch = array<i64: 1>, lhs_contract = array<i64: 2>, rhs_contract = array<i64: 0>} : (tensor<2x4x70xf64>, tensor<70x2x5xf64>) -> tensor<2x4x5xf64>", "tensor<2x4x5xf64>");
  add("%a: tensor<4x7xf64>, %b: tensor<7xf64>", "dot_general %a, %b {lhs_batch = array<i64>, rhs_batch = array<i64>, lhs_contract = array<i64: 1>, rhs_contract = array<i64: 0>} : (tensor<4x7xf64>, tensor<7xf64>) -> tensor<4xf64>", "tensor<4xf64>");
  all.push_back({"%a: tensor<2x3x3xf64>",
                 "%g = nh.dot_general %a, %a {lhs_batch = array<i64: 0>, rhs_batch = array<i64: 0>, lhs_contract = array<i64: 2>, rhs_contract = array<i64: 2>} : (tensor<2x3x3xf64>, tensor<2x3x3xf64>) -> tensor<2x3x3xf64>\n"
                 "  %r = nh.cholesky %g : (tensor<2x3x3xf64>) -> tensor<2x3x3xf64>", "tensor<2x3x3xf64>"});
  add("%a: tensor<2x3x3xf64>, %b: tensor<2x3x3xf64>", "cholesky_pullback %a, %b : (tensor<2x3x3xf64>, tensor<2x3x3xf64>) -> tensor<2x3x3xf64>", "tensor<2x3x3xf64>");
  add("%a: tensor<2x3x3xf64>, %b: tensor<2x3x4xf64>", "triangular_solve %a, %b {lower = true, transpose = false, unit_diagonal = false} : (tensor<2x3x3xf64>, tensor<2x3x4xf64>) -> tensor<2x3x4xf64>", "tensor<2x3x4xf64>");
  add("%a: " + v + ", %b: " + v, "argsort %a, %b {dim = 1 : i64} : (" + v + ", " + v + ") -> tensor<2x3xi64>", "tensor<2x3xi64>");
  const std::string square = "tensor<2x3x3xf64>", tall = "tensor<2x5x3xf64>", row = "tensor<2x3xf64>";
  for (auto [op, from, to, result] : {std::tuple{"lu", square, square + ", tensor<2x3xi64>", square}, {"qr", tall, tall + ", " + square, tall},
                                      {"eigh", square, row + ", " + square, row}, {"svd", tall, tall + ", " + row + ", " + square, tall}})
    all.push_back({"%a: " + from, std::string("%r, %more") + (std::string(op) == "svd" ? ":2" : "") + " = nh." + op + " %a : (" + from + ") -> (" + to + ")", result});
  add("%k: tensor<2x2xui32>", "rng_bits %k {dtype = ui64, shape = array<i64: 3>} : (tensor<2x2xui32>) -> tensor<2x3xui64>", "tensor<2x3xui64>");
  add("%k: tensor<2xui32>", "rng_split %k {count = 3 : i64} : (tensor<2xui32>) -> tensor<3x2xui32>", "tensor<3x2xui32>");
  add("%k: tensor<4x2xui32>, %d: tensor<4xui32>", "rng_fold_in %k, %d : (tensor<4x2xui32>, tensor<4xui32>) -> tensor<4x2xui32>", "tensor<4x2xui32>");
  for (Case& c : all)
    for (std::string* part : {&c.arguments, &c.body, &c.result})
      for (auto [brief, full] : {std::pair{"f64t", "tensor<f64>"}, {"i64t", "tensor<i64>"}})
        for (std::size_t at; (at = part->find(brief)) != std::string::npos;) part->replace(at, 4, full);
  all.push_back({"%x: " + v + ", %y: tensor<f64>", "%r = nh.barrier %x, %y : (" + v + ", tensor<f64>) -> " + v, v});
  register_kernel("batching_test", [](const ForeignCall* c) {  // x times the first of y
    for (std::int64_t i = 0; i < c->result_sizes[0]; ++i)
      static_cast<double*>(c->results[0])[i] = static_cast<const double*>(c->inputs[0])[i] * *static_cast<const double*>(c->inputs[1]);
  });
  all.push_back({"%x: " + v + ", %y: tensor<2xf64>",
                 "%r = nh.custom_call %x, %y {function = \"batching_test\", batch = 0 : i64, types = [" + v + "]} : (" + v + ", tensor<2xf64>) -> " + v, v});
  return all;
}

TEST(Batching, EveryOperationForEveryChoiceOfMappedOperands) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.body);
    expectMapped(c.text());
    if (HasFailure()) return;
  }
}

TEST(Batching, NoOperationIsLeftOut) {
  std::string text;
  for (const Case& c : cases()) text += c.body + "\n";
  auto context = ir::makeContext();
  // emit and lane_any speak of lanes: lane_masking_test.cpp.
  // What report tells the host is looked at in api/report_test.cpp.
  const std::set<std::string> elsewhere{"emit", "lane_any", "report"};
  for (mlir::RegisteredOperationName op : context->getRegisteredOperations()) {
    if (op.getDialectNamespace() != "nh" || ir::rulesOf(op.stripDialect()).has_regions || elsewhere.contains(op.stripDialect().str())) continue;
    EXPECT_NE(text.find("nh." + op.stripDialect().str() + " "), std::string::npos) << op.stripDialect().str();
  }
}

TEST(Batching, ControlFlow) {
  for (unsigned seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    const std::string text = RandomProgram(seed, false).text();
    expectMapped(text, {true, true, seed % 2 == 0, seed % 3 == 0, false, false}, seed);
    expectMapped(text, {false, true, false, true, true, false}, seed);
    if (HasFailure()) return;
  }
}

// The same products are fused whether they have the axis or not.
TEST(Batching, FusedProgramsMapAlike) {
  for (unsigned seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    expectMapped(RandomProgram(seed, false).text(), {true, seed % 2 == 0, seed % 2 == 1, seed % 3 == 0, false, false}, seed, true);
    if (HasFailure()) return;
  }
}

TEST(Batching, LoopsOverStacks) {
  expectMapped(R"(
func.func @main(%c: tensor<f64>, %xs: tensor<4x2xf64>) -> (tensor<f64>, tensor<4x2xf64>, tensor<4xf64>) {
  %r:3 = nh.for %c, %xs attributes {trip = 4 : i64, num_carries = 1 : i64, reverse = true} : (tensor<f64>, tensor<4x2xf64>) -> (tensor<f64>, tensor<4x2xf64>, tensor<4xf64>) {
  ^bb0(%i: tensor<i64>, %a: tensor<f64>, %x: tensor<2xf64>):
    %s = nh.reduce sum %x {dims = array<i64: 0>} : (tensor<2xf64>) -> tensor<f64>
    %t = nh.convert %i {dtype = f64} : (tensor<i64>) -> tensor<f64>
    %b = nh.binary sub %a, %s : tensor<f64>
    %y = nh.unary sin %x : tensor<2xf64> -> tensor<2xf64>
    nh.yield %b, %y, %t : tensor<f64>, tensor<2xf64>, tensor<f64>
  }
  return %r#0, %r#1, %r#2 : tensor<f64>, tensor<4x2xf64>, tensor<4xf64>
})");
}

TEST(Batching, AnyAxisAndNesting) {
  // f(x, y)[i][j] = sin(x[., i]) - y[j], the outer map over the last axis of x, the inner over y.
  auto context = ir::makeContext();
  Module module = parse(*context, R"(
func.func @main(%x: tensor<2x3xf64>, %y: tensor<4xf64>) -> tensor<3x4x2xf64> {
  %r = nh.vmap %x, %y attributes {size = 3 : i64, in_axes = array<i64: 1, -1>} : (tensor<2x3xf64>, tensor<4xf64>) -> tensor<3x4x2xf64> {
  ^bb0(%a: tensor<2xf64>, %b: tensor<4xf64>):
    %q = nh.vmap %b attributes {size = 4 : i64, in_axes = array<i64: 0>} : (tensor<4xf64>) -> tensor<4x2xf64> {
    ^bb0(%c: tensor<f64>):
      %s = nh.unary sin %a : tensor<2xf64> -> tensor<2xf64>
      %d = nh.broadcast %c {shape = array<i64: 2>, dims = array<i64>} : (tensor<f64>) -> tensor<2xf64>
      %e = nh.binary sub %s, %d : tensor<2xf64>
      nh.yield %e : tensor<2xf64>
    }
    nh.yield %q : tensor<4x2xf64>
  }
  return %r : tensor<3x4x2xf64>
})");
  ASSERT_TRUE(module);
  ASSERT_TRUE(mlir::succeeded(passes::expandTransforms(*module)));
  std::mt19937 random(1);
  auto types = mainOf(*module).getArgumentTypes();
  Array x = randomArray(types[0], random), y = randomArray(types[1], random);
  Array r = ir::interpretFunction(mainOf(*module), {x, y})[0];
  // Computed once per outer element: sin has no axis of its own inside.
  module->walk([](ir::UnaryOp op) { EXPECT_EQ(ir::shapeOf(op.getResult()), llvm::ArrayRef<std::int64_t>({3, 2})); });
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 4; ++j)
      for (int k = 0; k < 2; ++k)
        EXPECT_NEAR(r.as<double>()[(i * 4 + j) * 2 + k], std::sin(x.as<double>()[k * 3 + i]) - y.as<double>()[j], 1e-15);
}

TEST(Batching, UnmappedOperandsAreReadOnce) {
  // X b for many b is one product with X; nothing repeats X.
  const char* text = R"(
func.func @main(%x: tensor<50x3xf64>, %b: tensor<3xf64>) -> tensor<50xf64> {
  %r = nh.dot_general %x, %b {lhs_batch = array<i64>, rhs_batch = array<i64>, lhs_contract = array<i64: 1>, rhs_contract = array<i64: 0>} : (tensor<50x3xf64>, tensor<3xf64>) -> tensor<50xf64>
  return %r : tensor<50xf64>
})";
  auto context = ir::makeContext();
  Module module = parse(*context, text);
  wrapInVmap(*module, {false, true}, kSize);
  ASSERT_TRUE(mlir::succeeded(passes::expandTransforms(*module)));
  module->walk([](ir::BroadcastOp op) { ADD_FAILURE() << "a broadcast"; });
  module->walk([](ir::DotGeneralOp op) { EXPECT_EQ(ir::shapeOf(op.getLhs()).size(), 2u); });
}

TEST(Batching, CustomDerivativesKeepTheirRules) {
  // f(a, w) = a w with a rule of its own: twice the true cotangents. Shared w receives the sum over elements.
  const char* text = R"(
func.func @main(%a: tensor<3xf64>, %w: tensor<f64>, %g: tensor<3xf64>) -> (tensor<3xf64>, tensor<3xf64>, tensor<f64>) {
  %r:3 = nh.vjp %a, %w, %g attributes {num_primals = 2 : i64, wrt = array<i64: 0, 1>} : (tensor<3xf64>, tensor<f64>, tensor<3xf64>) -> (tensor<3xf64>, tensor<3xf64>, tensor<f64>) {
  ^bb0(%p: tensor<3xf64>, %q: tensor<f64>):
    %m = nh.vmap %p, %q attributes {size = 3 : i64, in_axes = array<i64: 0, -1>} : (tensor<3xf64>, tensor<f64>) -> tensor<3xf64> {
    ^bb0(%x: tensor<f64>, %y: tensor<f64>):
      %f = nh.custom_derivative %x, %y attributes {num_residuals = 2 : i64} : (tensor<f64>, tensor<f64>) -> tensor<f64> {
      ^bb0(%s: tensor<f64>, %t: tensor<f64>):
        %u = nh.binary mul %s, %t : tensor<f64>
        nh.yield %u : tensor<f64>
      }, {
      ^bb0(%s: tensor<f64>, %t: tensor<f64>):
        %u = nh.binary mul %s, %t : tensor<f64>
        nh.yield %u, %s, %t : tensor<f64>, tensor<f64>, tensor<f64>
      }, {
      ^bb0(%s: tensor<f64>, %t: tensor<f64>, %c: tensor<f64>):
        %d = nh.binary add %c, %c : tensor<f64>
        %e = nh.binary mul %d, %t : tensor<f64>
        %h = nh.binary mul %d, %s : tensor<f64>
        nh.yield %e, %h : tensor<f64>, tensor<f64>
      }
      nh.yield %f : tensor<f64>
    }
    nh.yield %m : tensor<3xf64>
  }
  return %r#0, %r#1, %r#2 : tensor<3xf64>, tensor<3xf64>, tensor<f64>
})";
  auto context = ir::makeContext();
  Module module = parse(*context, text);
  ASSERT_TRUE(module);
  ASSERT_TRUE(mlir::succeeded(passes::expandTransforms(*module)));
  ASSERT_TRUE(mlir::succeeded(mlir::verify(*module))) << print(*module);
  Array a(Dtype::f64, {3}), w(Dtype::f64, {}), g(Dtype::f64, {3});
  for (int i = 0; i < 3; ++i) {
    a.as<double>()[i] = i + 1;
    g.as<double>()[i] = i - 1;
  }
  *w.as<double>() = 5;
  Arrays r = ir::interpretFunction(mainOf(*module), {a, w, g});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(r[0].as<double>()[i], 5.0 * (i + 1));
    EXPECT_EQ(r[1].as<double>()[i], 10.0 * (i - 1));
  }
  EXPECT_EQ(*r[2].as<double>(), 2.0 * (-1 + 3));
}

}  // namespace
}  // namespace nuthatch::test
