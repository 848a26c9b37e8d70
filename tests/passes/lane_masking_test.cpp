// Lanes in lockstep give the bits of single chains: results, emitted values, and nothing from lanes that are not active.
#include <map>
#include <random>

#include "passes/loops/lane_masking.h"
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
    outcome.emitted[{stream, position}] = {value.data.get(), value.data.get() + value.bytes()};
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
  %zero = nh.constant dense<0> : tensor<i64> : tensor<i64>
  %one = nh.constant dense<1> : tensor<i64> : tensor<i64>
  %r:2 = nh.while %zero, %x attributes {max_trip = -1 : i64} : (tensor<i64>, tensor<3xf64>) -> (tensor<i64>, tensor<3xf64>) {
  ^bb0(%i: tensor<i64>, %v: tensor<3xf64>):
    %c = nh.compare lt %i, %n : (tensor<i64>, tensor<i64>) -> tensor<i1>
    nh.yield %c : tensor<i1>
  } {
  ^bb0(%i: tensor<i64>, %v: tensor<3xf64>):
    %j = nh.binary add %i, %one : tensor<i64>
    %w = nh.unary sin %v : tensor<3xf64> -> tensor<3xf64>
    %t = nh.constant dense<true> : tensor<i1> : tensor<i1>
    nh.emit %t, %i, %w {stream = 0 : i64} : tensor<i1>, tensor<i64>, tensor<3xf64>
    nh.yield %j, %w : tensor<i64>, tensor<3xf64>
  }
  return %r#0, %r#1 : tensor<i64>, tensor<3xf64>
})",
                         {true, false}, {integers({kLanes}, {0, 3, 1, 7, 2}), doubles({3}, {0.5, 1.5, -2.0})});
}

const char* const kBlockUpdate = R"(
func.func @main(%n: tensor<i64>, %stack: tensor<4x2xf64>, %row: tensor<1x2xf64>) -> tensor<4x2xf64> {
  %zero = nh.constant dense<0> : tensor<i64> : tensor<i64>
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

// Random nests of loops and branches over a state of an integer, two scalars and a small array.
class Generator {
 public:
  explicit Generator(unsigned seed) : random(seed) {}

  std::string program() {
    std::vector<std::string> state{"%n", "%x", "%y", "%stack"};
    std::string body = statements(state, 3, "  ");
    return "func.func @main(%n: tensor<i64>, %x: tensor<f64>, %y: tensor<f64>, %stack: tensor<4xf64>, %u: tensor<i64>, "
           "%live: tensor<i1>) -> (" + kTypes + ") {\n" + constants() + body + "  return " + list(state) + " : " + kTypes + "\n}\n";
  }

 private:
  using State = std::vector<std::string>;
  const std::string kTypes = "tensor<i64>, tensor<f64>, tensor<f64>, tensor<4xf64>";

  int pick(int n) { return int(random() % unsigned(n)); }
  std::string fresh() { return "%v" + std::to_string(counter++); }
  static std::string list(const State& s) { return s[0] + ", " + s[1] + ", " + s[2] + ", " + s[3]; }
  static std::string constants() {
    std::string text;
    for (int i = 0; i < 4; ++i) text += "  %c" + std::to_string(i) + " = nh.constant dense<" + std::to_string(i) + "> : tensor<i64> : tensor<i64>\n";
    return text + "  %true = nh.constant dense<true> : tensor<i1> : tensor<i1>\n";
  }
  std::string integer(const State& s) { return pick(3) == 0 ? "%u" : pick(2) ? s[0] : "%c" + std::to_string(pick(4)); }

  std::string statements(State& s, int depth, const std::string& in) {
    std::string text;
    for (int k = 1 + pick(3); k > 0; --k) text += statement(s, depth, in);
    return text;
  }

  std::string statement(State& s, int depth, const std::string& in) {
    switch (pick(depth > 0 ? 8 : 5)) {
      case 0: return assign(s[1], in, "nh.binary " + std::string(pick(2) ? "add " : "mul ") + s[1] + ", " + s[2] + " : tensor<f64>");
      case 1: return assign(s[2], in, "nh.unary sin " + s[1] + " : tensor<f64> -> tensor<f64>");
      case 2: return assign(s[0], in, "nh.binary add " + s[0] + ", " + integer(s) + " : tensor<i64>");
      case 3: return store(s, in);
      case 4: return emit(s, in);
      case 5: return loop(s, depth, in);
      case 6: return whileLoop(s, depth, in);
      default: return branch(s, depth, in);
    }
  }
  std::string assign(std::string& target, const std::string& in, const std::string& expression) {
    target = fresh();
    return in + target + " = " + expression + "\n";
  }
  std::string store(State& s, const std::string& in) {
    std::string row = fresh(), at = integer(s);
    std::string text = in + row + " = nh.reshape " + s[1 + pick(2)] + " {shape = array<i64: 1>} : (tensor<f64>) -> tensor<1xf64>\n";
    text += assign(s[3], in, "nh.dynamic_update_slice " + s[3] + ", " + row + ", " + at + " : (tensor<4xf64>, tensor<1xf64>, tensor<i64>) -> tensor<4xf64>");
    if (pick(2)) return text;
    std::string sum = fresh();
    return text + in + sum + " = nh.reduce sum " + s[3] + " {dims = array<i64: 0>} : (tensor<4xf64>) -> tensor<f64>\n" +
           assign(s[1], in, "nh.binary mul " + s[1] + ", " + sum + " : tensor<f64>");
  }
  std::string emit(State& s, const std::string& in) {
    return in + "nh.emit %true, " + integer(s) + ", " + s[1] + " {stream = " + std::to_string(pick(2)) + " : i64} : tensor<i1>, tensor<i64>, tensor<f64>\n";
  }
  std::string arguments(const State& s) {
    return s[0] + ": tensor<i64>, " + s[1] + ": tensor<f64>, " + s[2] + ": tensor<f64>, " + s[3] + ": tensor<4xf64>";
  }
  State bind(const std::string& base, int from = 0) {
    State s;
    for (int k = 0; k < 4; ++k) s.push_back(base + "#" + std::to_string(k + from));
    return s;
  }
  State named() { return {fresh(), fresh(), fresh(), fresh()}; }

  std::string loop(State& s, int depth, const std::string& in) {
    std::string result = fresh(), i = fresh();
    State inner = named();
    std::string text = in + result + ":4 = nh.for " + list(s) + " attributes {trip = 2 : i64, num_carries = 4 : i64, reverse = false} : (" +
                       kTypes + ") -> (" + kTypes + ") {\n" + in + "^bb0(" + i + ": tensor<i64>, " + arguments(inner) + "):\n";
    text += statements(inner, depth - 1, in + "  ");
    text += in + "  nh.yield " + list(inner) + " : " + kTypes + "\n" + in + "}\n";
    s = bind(result);
    return text;
  }
  // Runs while its own counter is below a bound that differs between lanes, at most three times.
  std::string whileLoop(State& s, int depth, const std::string& in) {
    std::string result = fresh(), bound = fresh(), i = fresh(), j = fresh(), c = fresh(), next = fresh();
    State head = named(), inner = named();
    std::string types = "tensor<i64>, " + kTypes;
    std::string text = in + bound + " = nh.binary min " + integer(s) + ", %c3 : tensor<i64>\n";
    text += in + result + ":5 = nh.while %c0, " + list(s) + " attributes {max_trip = -1 : i64} : (" + types + ") -> (" + types + ") {\n";
    text += in + "^bb0(" + i + ": tensor<i64>, " + arguments(head) + "):\n";
    text += in + "  " + c + " = nh.compare lt " + i + ", " + bound + " : (tensor<i64>, tensor<i64>) -> tensor<i1>\n";
    text += in + "  nh.yield " + c + " : tensor<i1>\n" + in + "} {\n" + in + "^bb0(" + j + ": tensor<i64>, " + arguments(inner) + "):\n";
    text += statements(inner, depth - 1, in + "  ");
    text += in + "  " + next + " = nh.binary add " + j + ", %c1 : tensor<i64>\n";
    text += in + "  nh.yield " + next + ", " + list(inner) + " : " + types + "\n" + in + "}\n";
    s = bind(result, 1);
    return text;
  }
  std::string branch(State& s, int depth, const std::string& in) {
    std::string result = fresh(), index = integer(s);
    std::string text = in + result + ":4 = nh.case " + index + " : (tensor<i64>) -> (" + kTypes + ") ";
    int branches = 1 + pick(3);
    for (int j = 0; j < branches; ++j) {
      State inner = s;
      text += std::string(j ? ", {\n" : "{\n") + (j == 0 && pick(2) ? "" : statements(inner, depth - 1, in + "  "));
      if (pick(4) == 0) std::swap(inner[1], inner[2]);
      text += in + "  nh.yield " + list(inner) + " : " + kTypes + "\n" + in + "}";
    }
    s = bind(result);
    return text + "\n";
  }

  std::mt19937 random;
  int counter = 0;
};

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
    expectLanesEqualChains(Generator(seed).program(), varying, arguments, alive);
    if (HasFailure()) break;
  }
}

}  // namespace
}  // namespace nuthatch::test
