// Derivatives of contractions and factorisations. Matrices are the last two dimensions, all before them are batch.
#include "ir/ops/linalg/matrices.h"

namespace nuthatch::ir {
namespace {
using namespace matrices;
using mlir::Operation;
using mlir::ValueRange;
using Values = llvm::ArrayRef<Value>;
using Flags = llvm::ArrayRef<bool>;
using Dims = llvm::ArrayRef<int64_t>;

//===---------------------------------- dot_general ------------------------------===//

Derivatives dotJvp(Builder& b, Operation* op, ValueRange operands, ValueRange, Values t) {
  Lean e(b);
  Value sum;
  if (t[0]) sum = e.one("dot_general", {t[0], operands[1]}, op->getAttrs());
  if (t[1]) sum = e.add(sum, e.one("dot_general", {operands[0], t[1]}, op->getAttrs()));
  return {sum};
}

/// The cotangent of one operand `x`: g contracted with the other operand over the other's free dimensions.
/// g is [batch, free of lhs, free of rhs]; `otherFirst` says that the other is lhs.
Value dotTranspose(Lean& e, Value g, Value x, Value other, Dims xBatch, Dims otherBatch, Dims xContract,
                   Dims otherContract, bool otherFirst) {
  int64_t batch = xBatch.size(), rank = shapeOf(x).size(), otherRank = shapeOf(other).size();
  List xFree = without(without(allDims(rank), xBatch), {}), otherFree = allDims(otherRank);
  llvm::erase_if(xFree, [&](int64_t d) { return llvm::is_contained(xContract, d); });
  llvm::erase_if(otherFree, [&](int64_t d) { return llvm::is_contained(otherBatch, d) || llvm::is_contained(otherContract, d); });
  List gBatch = allDims(batch), gContract;
  int64_t first = otherFirst ? batch : batch + xFree.size();
  for (size_t i = 0; i < otherFree.size(); ++i) gContract.push_back(first + i);
  // [batch, free of x, contracted dimensions of other in its order]; those belong to xContract in the same pairing.
  Value product = e.dot(g, other, gBatch, otherBatch, gContract, otherFree);
  List remaining = allDims(otherRank);
  llvm::erase_if(remaining, [&](int64_t d) { return !llvm::is_contained(otherContract, d); });
  List at(rank);  // at[d]: where dimension d of x is in the product
  for (int64_t i = 0; i < batch; ++i) at[xBatch[i]] = i;
  for (size_t i = 0; i < xFree.size(); ++i) at[xFree[i]] = batch + i;
  for (size_t i = 0; i < remaining.size(); ++i) {
    int64_t pair = llvm::find(otherContract, remaining[i]) - otherContract.begin();
    at[xContract[pair]] = batch + xFree.size() + i;
  }
  return e.transpose(product, at);
}

Derivatives dotVjp(Builder& b, Operation* op, ValueRange operands, ValueRange, Values g, Flags needed) {
  auto dot = llvm::cast<DotGeneralOp>(op);
  Lean e(b);
  Derivatives out(2);
  if (needed[0])
    out[0] = dotTranspose(e, g[0], operands[0], operands[1], dot.getLhsBatch(), dot.getRhsBatch(), dot.getLhsContract(),
                          dot.getRhsContract(), false);
  if (needed[1])
    out[1] = dotTranspose(e, g[0], operands[1], operands[0], dot.getRhsBatch(), dot.getLhsBatch(), dot.getRhsContract(),
                          dot.getLhsContract(), true);
  return out;
}

//===----------------------------------- cholesky --------------------------------===//
// Murray (2016), arXiv 1602.07527. The operation reads the lower triangle, so tangents are mirrored and the cotangent of
// an element below the diagonal counts both its places.

Derivatives choleskyJvp(Builder& b, Operation*, ValueRange, ValueRange results, Values t) {
  Lean e(b);
  Value l = results[0];
  Value inner = solveRight(e, solve(e, l, mirrored(e, t[0]), true, false, false), l, true);
  return {matmul(e, l, lowerWithHalfDiagonal(e, inner))};
}

Derivatives choleskyVjp(Builder& b, Operation*, ValueRange, ValueRange results, Values g, Flags) {
  Lean e(b);
  return {e.one("cholesky_pullback", {results[0], g[0]})};
}

//===------------------------------- cholesky_pullback ---------------------------===//
// The result is S = half(M) with M = L^-T mirror(L^T g) L^-1, where half takes the lower triangle with half the diagonal
// and mirror reflects the lower triangle.

Derivatives pullbackJvp(Builder& b, Operation*, ValueRange operands, ValueRange results, Values t) {
  Lean e(b);
  Value l = part(e, operands[0], CompareKind::ge), sum;
  if (t[0]) {
    Value dl = part(e, t[0], CompareKind::ge), s = results[0];
    Value ml = matmul(e, e.add(s, matrixTranspose(e, s)), l);
    Value cross = matmul(e, dl, ml, true);
    Value inner = mirrored(e, matmul(e, dl, part(e, operands[1], CompareKind::ge), true));
    inner = e.sub(inner, e.add(cross, matrixTranspose(e, cross)));
    sum = lowerWithHalfDiagonal(e, solveRight(e, solve(e, l, inner, true, true, false), l, false));
  }
  if (t[1]) sum = e.add(sum, e.one("cholesky_pullback", {l, t[1]}));
  return {sum};
}

Derivatives pullbackVjp(Builder& b, Operation*, ValueRange operands, ValueRange results, Values g, Flags needed) {
  Lean e(b);
  Value l = part(e, operands[0], CompareKind::ge), s = results[0];
  Value inner = solveRight(e, solve(e, l, lowerWithHalfDiagonal(e, g[0]), true, false, false), l, true);
  Value both = e.add(inner, matrixTranspose(e, inner));
  Value product = lowerWithHalfDiagonal(e, both);  // the cotangent of L^T g
  Derivatives out(2);
  if (needed[0]) {
    Value ml = matmul(e, e.add(s, matrixTranspose(e, s)), l);
    Value direct = matmul(e, part(e, operands[1], CompareKind::ge), product, false, true);
    out[0] = part(e, e.sub(direct, matmul(e, ml, both)), CompareKind::ge);
  }
  if (needed[1]) out[1] = part(e, matmul(e, l, product), CompareKind::ge);
  return out;
}

//===------------------------------- triangular_solve ----------------------------===//

/// The elements of a that the operation reads and differentiates: its triangle, strictly if the diagonal is one.
Value readTriangle(Lean& e, TriangularSolveOp op, Value a) {
  CompareKind kind = op.getLower() ? (op.getUnitDiagonal() ? CompareKind::gt : CompareKind::ge)
                                   : (op.getUnitDiagonal() ? CompareKind::lt : CompareKind::le);
  return e.keepIf(triangle(e, a, kind), a);
}

Derivatives solveJvp(Builder& b, Operation* o, ValueRange operands, ValueRange results, Values t) {
  auto op = llvm::cast<TriangularSolveOp>(o);
  Lean e(b);
  Value rhs = t[1];
  if (t[0]) rhs = e.sub(rhs, matmul(e, readTriangle(e, op, t[0]), results[0], op.getTranspose()));
  return {e.one("triangular_solve", {operands[0], rhs}, o->getAttrs())};
}

Derivatives solveVjp(Builder& b, Operation* o, ValueRange operands, ValueRange results, Values g, Flags needed) {
  auto op = llvm::cast<TriangularSolveOp>(o);
  Lean e(b);
  Value gb = solve(e, operands[0], g[0], op.getLower(), !op.getTranspose(), op.getUnitDiagonal());
  Derivatives out(2);
  if (needed[1]) out[1] = gb;
  if (!needed[0]) return out;
  Value outer = op.getTranspose() ? matmul(e, results[0], gb, false, true) : matmul(e, gb, results[0], false, true);
  out[0] = e.neg(readTriangle(e, op, outer));
  return out;
}

}  // namespace

void registerLinalgAutodiff() {
  rulesOf("dot_general").jvp = dotJvp;
  rulesOf("dot_general").vjp = dotVjp;
  rulesOf("cholesky").jvp = choleskyJvp;
  rulesOf("cholesky").vjp = choleskyVjp;
  rulesOf("cholesky_pullback").jvp = pullbackJvp;
  rulesOf("cholesky_pullback").vjp = pullbackVjp;
  rulesOf("triangular_solve").jvp = solveJvp;
  rulesOf("triangular_solve").vjp = solveVjp;
}

}  // namespace nuthatch::ir
