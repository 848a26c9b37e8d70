// Shape and cost rules of dot_general, cholesky and triangular_solve.
#include "ir/ops/shape_support.h"

namespace nuthatch::ir {
namespace {
using namespace shapes;

Types dotGeneral(ShapeInput& in) {
  Dims batch[2] = {in.list("lhs_batch"), in.list("rhs_batch")};
  Dims contract[2] = {in.list("lhs_contract"), in.list("rhs_contract")};
  if (in.element(0) != in.element(1))
    return fail(in, 1, "operands differ in dtype: ", in.operands[0], " and ", in.operands[1]);
  if (isBool(in.element(0))) return fail(in, 2, "takes numbers, not ", in.operands[0]);
  if (batch[0].size() != batch[1].size() || contract[0].size() != contract[1].size())
    return fail(in, 3, "numbers of dimensions differ: batch ", batch[0], " and ", batch[1], ", contracted ", contract[0], " and ",
                contract[1]);
  for (unsigned k : {0u, 1u}) {
    int64_t rank = in.operands[k].getRank();
    if (!distinctBelow(batch[k], rank) || !distinctBelow(contract[k], rank) || !disjoint(batch[k], contract[k]))
      return fail(in, 4, "batch ", batch[k], " and contracted ", contract[k], " must be distinct dimensions of ", in.operands[k]);
  }
  auto extentsDiffer = [&](Dims lhs, Dims rhs) {
    for (size_t i = 0; i < lhs.size(); ++i)
      if (in.shape(0)[size_t(lhs[i])] != in.shape(1)[size_t(rhs[i])]) return int64_t(i);
    return int64_t(-1);
  };
  auto where = [&](unsigned k, int64_t dim) { return describe(in.operands[k]) + " dim " + std::to_string(dim); };
  if (int64_t i = extentsDiffer(batch[0], batch[1]); i >= 0)
    return fail(in, 5, "batch extents differ: ", where(0, batch[0][size_t(i)]), " and ", where(1, batch[1][size_t(i)]));
  if (int64_t i = extentsDiffer(contract[0], contract[1]); i >= 0)
    return fail(in, 6, "contracted extents differ: ", where(0, contract[0][size_t(i)]), " and ", where(1, contract[1][size_t(i)]));
  llvm::SmallVector<int64_t> shape;
  for (int64_t d : batch[0]) shape.push_back(in.shape(0)[size_t(d)]);
  for (unsigned k : {0u, 1u})
    for (int64_t d = 0; d < in.operands[k].getRank(); ++d)
      if (!contains(batch[k], d) && !contains(contract[k], d)) shape.push_back(in.shape(k)[size_t(d)]);
  return one(in.element(0), shape);
}

bool squareMatrices(mlir::RankedTensorType t) {
  return t.getRank() >= 2 && t.getDimSize(t.getRank() - 1) == t.getDimSize(t.getRank() - 2);
}

Types cholesky(ShapeInput& in) {
  if (!isFloat(in.element(0))) return fail(in, 1, "takes floating-point numbers, not ", in.operands[0]);
  if (!squareMatrices(in.operands[0])) return fail(in, 2, "the last two dimensions of ", in.operands[0], " are not square");
  return {in.operands[0]};
}

Types choleskyPullback(ShapeInput& in) {
  auto l = in.operands[0], g = in.operands[1];
  if (!isFloat(in.element(0))) return fail(in, 1, "takes floating-point numbers, not ", l);
  if (!squareMatrices(l)) return fail(in, 2, "the last two dimensions of ", l, " are not square");
  if (l != g) return fail(in, 3, "a cotangent of type ", g, " does not belong to factors of type ", l);
  return {l};
}

Types triangularSolve(ShapeInput& in) {
  auto a = in.operands[0], b = in.operands[1];
  if (!isFloat(in.element(0)) || in.element(0) != in.element(1))
    return fail(in, 1, "takes floating-point numbers of one dtype, not ", a, " and ", b);
  if (!squareMatrices(a)) return fail(in, 2, "the last two dimensions of ", a, " are not square");
  if (b.getRank() != a.getRank() || b.getShape().drop_back(2) != a.getShape().drop_back(2))
    return fail(in, 3, "leading dimensions differ: ", a, " and ", b);
  if (b.getDimSize(b.getRank() - 2) != a.getShape().back())
    return fail(in, 4, "the matrices of ", b, " do not have the ", a.getShape().back(), " rows of ", a);
  return {b};
}

double dotCost(mlir::Operation* op) {
  double extent = 1;
  for (int64_t d : mlir::cast<DotGeneralOp>(op).getLhsContract()) extent *= double(shapeOf(op->getOperand(0))[size_t(d)]);
  return 2 * extent;
}
// n^3 / 3 flops over n^2 elements, n^2 flops for each right-hand side of n elements.
double choleskyCost(mlir::Operation* op) { return double(shapeOf(op->getOperand(0)).back()) / 3; }
double pullbackCost(mlir::Operation* op) { return 2 * choleskyCost(op); }
double solveCost(mlir::Operation* op) { return double(shapeOf(op->getOperand(0)).back()); }

}  // namespace

void registerLinalgShape() {
  auto set = [](llvm::StringRef op, ShapeRule shape, CostRule cost) {
    rulesOf(op).shape = shape;
    rulesOf(op).cost = cost;
  };
  set("dot_general", dotGeneral, dotCost);
  set("cholesky", cholesky, choleskyCost);
  set("cholesky_pullback", choleskyPullback, pullbackCost);
  set("triangular_solve", triangularSolve, solveCost);
}

}  // namespace nuthatch::ir
