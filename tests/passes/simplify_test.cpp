// Simplification, dead code removal and raising keep every bit of random programs.
#include <random>

#include "passes/form_fma/form_fma.h"
#include "passes/loops/raise_xs.h"
#include "passes/simplify/simplify.h"
#include "tests/passes/random_program.h"
#include "tests/passes/support.h"

namespace nuthatch::test {
namespace {

Arrays randomArguments(unsigned seed) {
  std::mt19937 random(seed);
  auto draw = [&] { return double(random() % 1000) / 500 - 1; };
  Array n(Dtype::i64, {}), x(Dtype::f64, {}), y(Dtype::f64, {}), stack(Dtype::f64, {4}), u(Dtype::i64, {}), live(Dtype::bool_, {});
  *n.as<std::int64_t>() = std::int64_t(random() % 6) - 1;
  *u.as<std::int64_t>() = std::int64_t(random() % 4);
  *x.as<double>() = draw();
  *y.as<double>() = random() % 4 ? draw() : -0.0;
  for (int i = 0; i < 4; ++i) stack.as<double>()[i] = draw();
  *live.as<bool>() = true;
  return {n, x, y, stack, u, live};
}

struct Trace {
  Arrays results;
  std::vector<std::vector<std::byte>> emitted;
};
Trace run(mlir::ModuleOp module, const Arrays& arguments) {
  Trace trace;
  ir::InterpreterHooks hooks;
  hooks.emitted = [&](std::int64_t, std::int64_t, const Array& value) {
    trace.emitted.push_back(bytesOf(value));
  };
  trace.results = ir::interpretFunction(mainOf(module), arguments, hooks);
  return trace;
}

void expectSameMeaning(const std::vector<void (*)(mlir::ModuleOp)>& reference, const std::vector<void (*)(mlir::ModuleOp)>& passes) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    auto context = ir::makeContext();
    const std::string text = RandomProgram(seed).text();
    Module before = parse(*context, text), after = parse(*context, text);
    ASSERT_TRUE(before && after);
    for (auto pass : reference) pass(*before);
    for (auto pass : passes) {
      pass(*after);
      ASSERT_TRUE(mlir::succeeded(mlir::verify(*after))) << text << print(*after);
    }
    for (unsigned k = 0; k < 3; ++k) {
      Arrays arguments = randomArguments(seed * 3 + k);
      Trace want = run(*before, arguments), have = run(*after, arguments);
      EXPECT_EQ(want.emitted, have.emitted) << text << print(*after);
      for (std::size_t r = 0; r < want.results.size(); ++r)
        EXPECT_TRUE(sameBits(want.results[r], have.results[r])) << "result " << r << "\n" << text << print(*after);
    }
    if (testing::Test::HasFailure()) return;
  }
}

TEST(Simplify, KeepsEveryBit) { expectSameMeaning({}, {passes::simplify}); }
TEST(Simplify, KeepsEveryBitOfFusedPrograms) {
  expectSameMeaning({passes::formFma}, {passes::formFma, passes::simplify});
}
TEST(Simplify, DeadCodeIsDead) { expectSameMeaning({}, {passes::removeDeadCode}); }
TEST(RaiseXs, KeepsEveryBit) { expectSameMeaning({}, {passes::raiseToXs}); }
TEST(RaiseXs, ThenSimplify) { expectSameMeaning({}, {passes::raiseToXs, passes::simplify}); }

}  // namespace
}  // namespace nuthatch::test
