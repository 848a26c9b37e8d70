// Batching of linear algebra. An operand that is not mapped is read once: the new axis becomes a free dimension of the
// other operand, one large product instead of many small ones.
#include "ir/ops/batching_support.h"

namespace nuthatch::ir {
namespace {
using namespace batching;
using mlir::Operation;
using mlir::Value;
using mlir::ValueRange;
using Flags = llvm::ArrayRef<bool>;

Results dotGeneral(Builder& b, Operation* op, ValueRange operands, Flags mapped, int64_t) {
  auto o = mlir::cast<DotGeneralOp>(op);
  Value lhs = operands[0], rhs = operands[1];
  if (mapped[0] && mapped[1])
    return {b.dot(lhs, rhs, withFront(o.getLhsBatch()), withFront(o.getRhsBatch()), shifted(o.getLhsContract()), shifted(o.getRhsContract()))};
  // The new axis is the first free dimension of its operand.
  int64_t position = int64_t(o.getLhsBatch().size());
  if (mapped[0]) {
    Value y = b.dot(lhs, rhs, shifted(o.getLhsBatch()), o.getRhsBatch(), shifted(o.getLhsContract()), o.getRhsContract());
    return {toFront(b, y, position)};
  }
  position += int64_t(shapeOf(lhs).size() - o.getLhsBatch().size() - o.getLhsContract().size());
  Value y = b.dot(lhs, rhs, o.getLhsBatch(), shifted(o.getRhsBatch()), o.getLhsContract(), shifted(o.getRhsContract()));
  return {toFront(b, y, position)};
}

Results cholesky(Builder& b, Operation* op, ValueRange x, Flags, int64_t) { return again(b, op, x); }

Results choleskyPullback(Builder& b, Operation* op, ValueRange x, Flags mapped, int64_t size) {
  return again(b, op, spreadAll(b, x, mapped, size));
}

// One matrix, many right-hand sides: (size, ..., n, m) to (..., n, size * m) and back.
Results solveManyColumns(Builder& b, Operation* op, Value a, Value rhs) {
  List shape(shapeOf(rhs));
  int64_t rank = int64_t(shape.size()), size = shape[0], columns = shape.back();
  List perm = range(1, rank - 1);
  perm.append({0, rank - 1});
  List folded(shape.begin() + 1, shape.end() - 1);
  List unfolded = folded;
  folded.push_back(size * columns);
  unfolded.append({size, columns});
  Value y = again(b, op, {a, b.reshape(b.transpose(rhs, perm), folded)})[0];
  return {toFront(b, b.reshape(y, unfolded), rank - 2)};
}
Results triangularSolve(Builder& b, Operation* op, ValueRange operands, Flags mapped, int64_t size) {
  if (!mapped[0]) return solveManyColumns(b, op, operands[0], operands[1]);
  return again(b, op, spreadAll(b, operands, mapped, size));
}

}  // namespace

void registerLinalgBatching() {
  rulesOf("dot_general").batch = dotGeneral;
  rulesOf("cholesky").batch = cholesky;
  rulesOf("cholesky_pullback").batch = choleskyPullback;
  rulesOf("triangular_solve").batch = triangularSolve;
}

}  // namespace nuthatch::ir
