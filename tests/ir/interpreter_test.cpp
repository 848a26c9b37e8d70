// Control flow, hooks and folding of the reference interpreter.
#include <mlir/Dialect/Func/IR/FuncOps.h>
#include <mlir/Parser/Parser.h>

#include "ir/interpreter/fold.h"
#include "ir/interpreter/interpreter.h"
#include "ir/ops/elements.h"
#include "ir/trace/program.h"
#include "tests/ir/support.h"

namespace nuthatch::test {
namespace {

struct Parsed {
  std::unique_ptr<mlir::MLIRContext> context = ir::makeContext();
  mlir::OwningOpRef<mlir::ModuleOp> module;
  explicit Parsed(const char* text) : module(mlir::parseSourceString<mlir::ModuleOp>(text, context.get())) {
    if (!module) throw std::runtime_error("does not parse");
  }
  mlir::func::FuncOp main() { return module->lookupSymbol<mlir::func::FuncOp>("main"); }
};

std::vector<Array> run(const char* text, std::vector<Array> arguments, const ir::InterpreterHooks& hooks = {}) {
  Parsed parsed(text);
  return ir::interpretFunction(parsed.main(), std::move(arguments), hooks);
}

const char* const kFor = R"(
func.func @main(%c0: tensor<f64>, %xs: tensor<3xf64>) -> (tensor<f64>, tensor<3xf64>, tensor<3xi64>) {
  %r:3 = nh.for %c0, %xs attributes {trip = 3, num_carries = 1, reverse = REVERSE}
      : (tensor<f64>, tensor<3xf64>) -> (tensor<f64>, tensor<3xf64>, tensor<3xi64>) {
  ^bb0(%i: tensor<i64>, %c: tensor<f64>, %x: tensor<f64>):
    %d = nh.binary mul %c, %c0 : tensor<f64>
    %e = nh.binary add %d, %x : tensor<f64>
    nh.yield %e, %c, %i : tensor<f64>, tensor<f64>, tensor<i64>
  }
  return %r#0, %r#1, %r#2 : tensor<f64>, tensor<3xf64>, tensor<3xi64>
})";

TEST(Interpreter, ForCarriesSlicesStacksAndCaptures) {
  auto with = [](const char* reverse) {
    std::string text = kFor;
    text.replace(text.find("REVERSE"), 7, reverse);
    return run(text.c_str(), {doubles({}, {2}), vector({1, 10, 100})});
  };
  auto forward = with("false");
  EXPECT_EQ(values(forward[0]), std::vector<double>{2 * (2 * (2 * 2 + 1) + 10) + 100});
  EXPECT_EQ(values(forward[1]), (std::vector<double>{2, 5, 20}));
  EXPECT_EQ(values<std::int64_t>(forward[2]), (std::vector<std::int64_t>{0, 1, 2}));
  auto backward = with("true");
  EXPECT_EQ(values(backward[0]), std::vector<double>{2 * (2 * (2 * 2 + 100) + 10) + 1});
  EXPECT_EQ(values(backward[1]), (std::vector<double>{218, 104, 2}));
  EXPECT_EQ(values<std::int64_t>(backward[2]), (std::vector<std::int64_t>{0, 1, 2}));
}

const char* const kWhile = R"(
func.func @main(%x: tensor<f64>, %limit: tensor<f64>) -> tensor<f64> {
  %r = nh.while %x attributes {max_trip = BOUND} : (tensor<f64>) -> tensor<f64> {
  ^bb0(%c: tensor<f64>):
    %p = nh.compare lt %c, %limit : (tensor<f64>, tensor<f64>) -> tensor<i1>
    nh.yield %p : tensor<i1>
  } {
  ^bb0(%c: tensor<f64>):
    %d = nh.binary add %c, %c : tensor<f64>
    nh.yield %d : tensor<f64>
  }
  return %r : tensor<f64>
})";

TEST(Interpreter, WhileAndItsBound) {
  auto with = [](const char* bound, double limit) {
    std::string text = kWhile;
    text.replace(text.find("BOUND"), 5, bound);
    return values(run(text.c_str(), {doubles({}, {1}), doubles({}, {limit})})[0])[0];
  };
  EXPECT_EQ(with("-1", 100), 128);
  EXPECT_EQ(with("-1", 0), 1);
  EXPECT_EQ(with("3", 100), 8);
  EXPECT_EQ(with("0", 100), 1);
}

TEST(Interpreter, CaseClampsItsIndex) {
  const char* text = R"(
func.func @main(%n: tensor<i64>, %x: tensor<f64>) -> tensor<f64> {
  %r = nh.case %n : (tensor<i64>) -> tensor<f64> { nh.yield %x : tensor<f64> },
       { %y = nh.unary neg %x : tensor<f64> -> tensor<f64> nh.yield %y : tensor<f64> }
  return %r : tensor<f64>
})";
  for (auto [n, want] : {std::pair<std::int64_t, double>{-5, 3}, {0, 3}, {1, -3}, {7, -3}})
    EXPECT_EQ(values(run(text, {index(n), doubles({}, {3})})[0])[0], want);
}

TEST(Interpreter, CustomDerivativeRunsThePrimal) {
  const char* text = R"(
func.func @main(%x: tensor<f64>) -> tensor<f64> {
  %r = nh.custom_derivative %x attributes {num_residuals = -1} : (tensor<f64>) -> tensor<f64>
  { ^bb0(%a: tensor<f64>): %y = nh.unary neg %a : tensor<f64> -> tensor<f64> nh.yield %y : tensor<f64> },
  { ^bb0(%a: tensor<f64>, %t: tensor<f64>): nh.yield %a, %t : tensor<f64>, tensor<f64> }
  return %r : tensor<f64>
})";
  EXPECT_EQ(values(run(text, {doubles({}, {3})})[0])[0], -3);
}

TEST(Interpreter, EmitsWhereTheMaskHolds) {
  const char* text = R"(
func.func @main(%m: tensor<2xi1>, %x: tensor<2xf64>) -> tensor<i1> {
  %z = nh.for %m, %x attributes {trip = 2, num_carries = 0, reverse = false} : (tensor<2xi1>, tensor<2xf64>) -> tensor<2xi1> {
  ^bb0(%i: tensor<i64>, %p: tensor<i1>, %v: tensor<f64>):
    nh.emit %p, %i, %v {stream = 4} : tensor<i1>, tensor<i64>, tensor<f64>
    %q = nh.lane_any %p : (tensor<i1>) -> tensor<i1>
    nh.yield %q : tensor<i1>
  }
  %any = nh.reduce any %z {dims = array<i64: 0>} : (tensor<2xi1>) -> tensor<i1>
  return %any : tensor<i1>
})";
  int count = 0;
  ir::InterpreterHooks hooks;
  hooks.emitted = [&](int64_t stream, int64_t position, const Array& value) {
    ++count;
    EXPECT_EQ(stream, 4);
    EXPECT_EQ(position, 1);
    EXPECT_EQ(values(value)[0], 9);
  };
  EXPECT_TRUE(values<bool>(run(text, {array<bool>({2}, {false, true}), vector({8, 9})}, hooks)[0])[0]);
  EXPECT_EQ(count, 1);
}

TEST(Interpreter, HookSeesAndMayOverwriteResults) {
  ir::InterpreterHooks hooks;
  hooks.evaluated = [](mlir::Operation*, std::span<Array> results) { *results[0].as<double>() = 42; };
  const char* text = "func.func @main(%x: tensor<f64>) -> tensor<f64> { %y = nh.unary exp %x : tensor<f64> -> tensor<f64> return %y : tensor<f64> }";
  EXPECT_EQ(values(run(text, {doubles({}, {0})}, hooks)[0])[0], 42);
  EXPECT_EQ(values(run(text, {doubles({}, {0})})[0])[0], 1);
}

TEST(Interpreter, FunctionCalls) {
  const char* text = R"(
func.func private @twice(%x: tensor<f64>) -> tensor<f64> { %y = nh.binary add %x, %x : tensor<f64> return %y : tensor<f64> }
func.func @main(%x: tensor<f64>) -> tensor<f64> {
  %y = func.call @twice(%x) : (tensor<f64>) -> tensor<f64>
  %z = func.call @twice(%y) : (tensor<f64>) -> tensor<f64>
  return %z : tensor<f64>
})";
  EXPECT_EQ(values(run(text, {doubles({}, {3})})[0])[0], 12);
}

std::string refusal(const char* text, std::vector<Array> arguments) {
  try {
    run(text, std::move(arguments));
  } catch (const Error& e) {
    return e.what();
  }
  return "accepted";
}

TEST(Interpreter, RefusesWrongArgumentsAndTransformations) {
  const char* identity = "func.func @main(%x: tensor<2xf64>) -> tensor<2xf64> { return %x : tensor<2xf64> }";
  EXPECT_NE(refusal(identity, {}).find("has 1 arguments, got 0"), std::string::npos);
  EXPECT_NE(refusal(identity, {vector({1})}).find("argument 0 is f64[2], got f64[1]"), std::string::npos);
  const char* jvp = R"(func.func @main(%x: tensor<f64>) -> tensor<f64> {
  %r:2 = nh.jvp %x, %x : (tensor<f64>, tensor<f64>) -> (tensor<f64>, tensor<f64>) { ^bb0(%a: tensor<f64>): nh.yield %a : tensor<f64> } loc("model.cpp":7:3)
  return %r#1 : tensor<f64> })";
  EXPECT_NE(refusal(jvp, {doubles({}, {1})}).find("model.cpp:7: nh.jvp: must be expanded"), std::string::npos) << refusal(jvp, {doubles({}, {1})});
}

TEST(Fold, GivesTheBitsOfEvaluationAndKeepsLargeResults) {
  Parsed parsed(R"(func.func @main(%x: tensor<2xf64>, %s: tensor<f64>) {
  %y = nh.unary exp %x : tensor<2xf64> -> tensor<2xf64>
  %z = nh.broadcast %s {shape = array<i64: 5000>, dims = array<i64>} : (tensor<f64>) -> tensor<5000xf64>
  return })");
  auto ops = parsed.main().getBody().front().getOperations().begin();
  mlir::Operation &exp = *ops, &broadcast = *++ops;
  auto* context = parsed.context.get();
  const Array x = vector({0.3, -7}), s = doubles({}, {1});
  auto folded = ir::foldOp(&exp, {ir::elementsOf(context, x)});
  ASSERT_TRUE(folded);
  EXPECT_EQ(values(ir::arrayOf(folded)), values(ir::evaluate(&exp, {{x}})[0]));
  EXPECT_FALSE(ir::foldOp(&exp, {mlir::Attribute()}));
  EXPECT_FALSE(ir::foldOp(&broadcast, {ir::elementsOf(context, s)}));
}

}  // namespace
}  // namespace nuthatch::test
