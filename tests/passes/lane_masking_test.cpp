// Lanes in lockstep give the bits of single chains: results, emitted values, and nothing from lanes that are not active.
#include <map>
#include <random>

#include "passes/loops/lane_masking.h"
#include "tests/passes/random_program.h"
#include "tests/passes/support.h"

namespace nuthatch::test {
namespace {

constexpr std::int64_t kLanes = 5;
/// (stream, position) to value.
using Emitted = std::map<std::pair<std::int64_t, std::int64_t>, std::vector<std::byte>>;

struct Outcome {
  Arrays results;
  Emitted emitted;
};

Outcome run(mlir::func::FuncOp function, const Arrays& arguments) {
  Outcome outcome;
  ir::InterpreterHooks hooks;
  hooks.emitted = [&](std::int64_t stream, std::int64_t position, const Array& value) {
    outcome.emitted[{stream, position}] = bytesOf(value);
  };
  outcome.results = ir::interpretFunction(function, arguments, hooks);
  return outcome;
}

/// Masks the program, runs all lanes at once and compares with one run per lane of the unmasked program.
void expectLanesEqualChains(const std::string& text, const std::vector<bool>& varying, const Arrays& arguments,
                            const std::vector<bool>& live = {}) {
  auto context = ir::makeContext();
  Module single = parse(*context, text), lanes = parse(*context, text);
  ASSERT_TRUE(single && lanes);
  llvm::SmallVector<bool> flags(varying.begin(), varying.end());
  int active = live.empty() ? -1 : int(flags.size()) - 1;
  ASSERT_TRUE(mlir::succeeded(passes::maskLanes(mainOf(*lanes), flags, active)));
  ASSERT_TRUE(mlir::succeeded(mlir::verify(*lanes))) << print(*lanes);
  const std::string masked = print(*lanes);
  auto function = wrapInVmap(*lanes, flags, kLanes);
  ASSERT_TRUE(mlir::succeeded(passes::expandVmap(vmapIn(function))));
  ASSERT_TRUE(mlir::succeeded(mlir::verify(*lanes))) << masked << print(*lanes);
  Outcome together = run(function, arguments);
  Emitted expected;
  for (std::int64_t lane = 0; lane < kLanes; ++lane) {
    if (!live.empty() && !live[std::size_t(lane)]) continue;
    Arrays own;
    for (std::size_t k = 0; k < arguments.size(); ++k) own.push_back(varying[k] ? elementOf(arguments[k], lane) : arguments[k]);
    Outcome alone = run(mainOf(*single), own);
    for (std::size_t r = 0; r < alone.results.size(); ++r)
      EXPECT_TRUE(sameBits(alone.results[r], elementOf(together.results[r], lane)))
          << "lane " << lane << " result " << r << "\n" << text << masked;
    for (auto& [key, value] : alone.emitted) expected[{key.first * kLanes + lane, key.second}] = value;
  }
  EXPECT_EQ(together.emitted, expected) << text << masked;
}

Array doubles(Shape shape, std::vector<double> values) {
  Array a(Dtype::f64, std::move(shape));
  std::copy(values.begin(), values.end(), a.as<double>());
  return a;
}
Array integers(Shape shape, std::vector<std::int64_t> values) {
  Array a(Dtype::i64, std::move(shape));
  std::copy(values.begin(), values.end(), a.as<std::int64_t>());
  return a;
}

TEST(LaneMasking, LoopsEndWhenTheLastLaneLeaves) {
  expectLanesEqualChains(R"(
func.func @main(%n: tensor<i64>, %x: tensor<3xf64>) -> (tensor<i64>, tensor<3xf64>) {
  %zero = nh.constant dense<0> : tensor<i64>
  %one = nh.constant dense<1> : tensor<i64>
  %r:2 = nh.while %zero, %x attributes {max_trip = -1 : i64} : (tensor<i64>, tensor<3xf64>) -> (tensor<i64>, tensor<3xf64>) {
  ^bb0(%i: tensor<i64>, %v: tensor<3xf64>):
    %c = nh.compare lt %i, %n : (tensor<i64>, tensor<i64>) -> tensor<i1>
    nh.yield %c : tensor<i1>
  } {
  ^bb0(%i: tensor<i64>, %v: tensor<3xf64>):
    %j = nh.binary add %i, %one : tensor<i64>
    %w = nh.unary sin %v : tensor<3xf64> -> tensor<3xf64>
    %t = nh.constant dense<true> : tensor<i1>
    nh.emit %t, %i, %w {stream = 0 : i64} : tensor<i1>, tensor<i64>, tensor<3xf64>
    nh.yield %j, %w : tensor<i64>, tensor<3xf64>
  }
  return %r#0, %r#1 : tensor<i64>, tensor<3xf64>
})",
                         {true, false}, {integers({kLanes}, {0, 3, 1, 7, 2}), doubles({3}, {0.5, 1.5, -2.0})});
}

const char* const kBlockUpdate = R"(
func.func @main(%n: tensor<i64>, %stack: tensor<4x2xf64>, %row: tensor<1x2xf64>) -> tensor<4x2xf64> {
  %zero = nh.constant dense<0> : tensor<i64>
  %r = nh.case %n : (tensor<i64>) -> tensor<4x2xf64> {
    nh.yield %stack : tensor<4x2xf64>
  }, {
    %s = nh.dynamic_update_slice %stack, %row, %n, %zero : (tensor<4x2xf64>, tensor<1x2xf64>, tensor<i64>, tensor<i64>) -> tensor<4x2xf64>
    nh.yield %s : tensor<4x2xf64>
  }
  return %r : tensor<4x2xf64>
})";

TEST(LaneMasking, BlockUpdatesSelectTheBlock) {
  expectLanesEqualChains(kBlockUpdate, {true, true, true},
                         {integers({kLanes}, {0, 3, 1, -7, 2}), doubles({kLanes, 4, 2}, std::vector<double>(kLanes * 8, 0.25)),
                          doubles({kLanes, 1, 2}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})});
  auto context = ir::makeContext();
  Module module = parse(*context, kBlockUpdate);
  ASSERT_TRUE(mlir::succeeded(passes::maskLanes(mainOf(*module), {true, true, true})));
  module->walk([](ir::SelectOp op) { EXPECT_EQ(ir::shapeOf(op.getResult()), llvm::ArrayRef<std::int64_t>({1, 2})); });
}

TEST(LaneMasking, RandomPrograms) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed + 1000);
    auto draw = [&] { return double(random() % 1000) / 500 - 1; };
    std::vector<double> x(kLanes), y(kLanes), stack(kLanes * 4);
    for (auto* v : {&x, &y, &stack})
      for (double& value : *v) value = draw();
    Array live(Dtype::bool_, {kLanes});
    std::vector<bool> alive;
    for (std::int64_t lane = 0; lane < kLanes; ++lane) {
      alive.push_back(random() % 4 != 0);
      live.as<bool>()[lane] = alive.back();
    }
    Arrays arguments{integers({kLanes}, {0, 3, 1, -1, 2}), doubles({kLanes}, x), doubles({kLanes}, y),
                     doubles({kLanes, 4}, stack), integers({}, {std::int64_t(random() % 4)}), live};
    std::vector<bool> varying{true, true, true, seed % 3 != 0, false, true};
    if (!varying[3]) arguments[3] = doubles({4}, {1, 2, 3, 4});
    expectLanesEqualChains(RandomProgram(seed).text(), varying, arguments, alive);
    if (HasFailure()) break;
  }
}

}  // namespace
}  // namespace nuthatch::test
