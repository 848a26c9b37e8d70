// Random nests of loops and branches: the two modes, which share no code for control flow, are each other's transposes;
// so are those of a derivative.
#include <mlir/IR/IRMapping.h>
#include <mlir/Parser/Parser.h>

#include "tests/passes/derivatives.h"
#include "tests/passes/random_program.h"

namespace nuthatch::test {
namespace {

Function parsed(const std::string& text) {
  return [text](ir::Builder& b, mlir::ValueRange arguments) {
    auto module = mlir::parseSourceString<mlir::ModuleOp>(text, b.b.getContext());
    mlir::func::FuncOp main = *module->getOps<mlir::func::FuncOp>().begin();
    mlir::IRMapping map;
    map.map(main.getArguments(), arguments);
    for (mlir::Operation& op : main.getBody().front().without_terminator()) b.b.clone(op, map);
    Values results;
    for (Value v : main.getBody().front().getTerminator()->getOperands()) results.push_back(map.lookupOrDefault(v));
    return results;
  };
}

double norm(const Arrays& a) { return std::sqrt(inner(a, a)); }

/// <g, J t> = <J^T g, t>. False when the numbers are not finite.
bool expectTransposed(const Function& f, const Arrays& x, const std::string& what) {
  const Arrays y = onlyFloats(Compiled(f, x)(x)), t = directions(x, 3), g = directions(y, 5);
  Compiled forward(jvpOf(f, x.size()), join(x, t)), reverse(vjpOf(f, x.size()), join(x, g));
  EXPECT_EQ(forward.message + reverse.message, "") << what;
  if (testing::Test::HasFailure()) return false;
  const Arrays tangents = forward(join(x, t)), cotangents = reverse(join(x, g));
  const double scale = norm(tangents) * norm(g) + norm(cotangents) * norm(t), have = inner(cotangents, t);
  if (!std::isfinite(scale)) return false;
  EXPECT_LE(std::abs(have - inner(g, tangents)), 1e-9 * (1 + scale)) << what << forward.text() << reverse.text();
  return true;
}

TEST(RandomDerivative, ModesAreTransposesOfEachOther) {
  int checked = 0;
  for (unsigned seed = 0; seed < 150 && !HasFailure(); ++seed) {
    std::string text = RandomProgram(seed, /*emits=*/false).text();
    const std::string unbounded = "max_trip = -1";  // the programs' loops stop by themselves after at most 3 iterations
    for (std::size_t at; (at = text.find(unbounded)) != text.npos;) text.replace(at, unbounded.size(), "max_trip = 3");
    const Function f = parsed(text);
    Array n = integers({}, {seed % 3}), live(Dtype::bool_, {});
    *reinterpret_cast<bool*>(live.data.get()) = true;
    Arrays x{n, filled(Dtype::f64, {}, [](std::int64_t) { return 0.7; }), filled(Dtype::f64, {}, [](std::int64_t) { return -0.4; }),
             spread({4}, -1, 1), integers({}, {seed % 4}), live};
    if (!expectTransposed(f, x, text)) continue;
    const Arrays y = onlyFloats(Compiled(f, x)(x));
    checked += expectTransposed(vjpOf(f, x.size()), join(x, directions(y, 9)), "vjp of\n" + text);
  }
  EXPECT_GE(checked, 100);
}

}  // namespace
}  // namespace nuthatch::test
