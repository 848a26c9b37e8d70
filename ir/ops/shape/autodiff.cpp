// Derivatives of the operations that move elements. All are linear: the tangent goes through the operation itself, the
// cotangent through its transpose.
#include "ir/ops/derivative.h"

namespace nuthatch::ir {
namespace {
using mlir::Operation;
using mlir::Value;
using mlir::ValueRange;
using Values = llvm::ArrayRef<Value>;
using Flags = llvm::ArrayRef<bool>;
using List = llvm::SmallVector<int64_t>;

/// Linear in its only operand: the same operation on the tangent.
Derivatives sameOnTangent(Builder& b, Operation* op, ValueRange, ValueRange, Values t) {
  return {b.one(op->getName().stripDialect(), t[0], op->getAttrs())};
}

Derivatives broadcastVjp(Builder& b, Operation* op, ValueRange operands, ValueRange, Values g, Flags) {
  auto broadcast = llvm::cast<BroadcastOp>(op);
  Lean e(b);
  Value x = operands[0];
  Value sum = e.sum(g[0], repeatedDims(shapeOf(x), broadcast.getShape(), broadcast.getDims()));
  return {e.reshape(sum, shapeOf(x))};  // dimensions of extent 1 were summed away
}

Derivatives reshapeVjp(Builder& b, Operation*, ValueRange operands, ValueRange, Values g, Flags) {
  return {Lean(b).reshape(g[0], shapeOf(operands[0]))};
}

Derivatives transposeVjp(Builder& b, Operation* op, ValueRange, ValueRange, Values g, Flags) {
  auto perm = llvm::cast<TransposeOp>(op).getPerm();
  List inverse(perm.size());
  for (auto [i, d] : llvm::enumerate(perm)) inverse[d] = int64_t(i);
  return {Lean(b).transpose(g[0], inverse)};
}

Derivatives sliceVjp(Builder& b, Operation* op, ValueRange operands, ValueRange results, Values g, Flags) {
  auto slice = llvm::cast<SliceOp>(op);
  auto shape = shapeOf(operands[0]), taken = shapeOf(results[0]);
  List high, interior;
  for (size_t d = 0; d < shape.size(); ++d) {
    if (taken[d] == 0) return {Value()};
    int64_t last = slice.getStart()[d] + (taken[d] - 1) * slice.getStride()[d];
    high.push_back(shape[d] - 1 - last);
    interior.push_back(slice.getStride()[d] - 1);
  }
  Lean e(b);
  Value zero = e.splat(mlir::RankedTensorType::get({}, elementType(g[0])), 0.0);
  return {e.pad(g[0], slice.getStart(), high, interior, zero)};
}

Derivatives reverseVjp(Builder& b, Operation* op, ValueRange, ValueRange, Values g, Flags) {
  return {splatValue(g[0]) ? g[0] : b.reverse(g[0], llvm::cast<ReverseOp>(op).getDims())};
}

Derivatives padJvp(Builder& b, Operation* op, ValueRange operands, ValueRange, Values t) {
  Lean e(b);
  return {e.one("pad", {e.orZero(t[0], operands[0]), e.orZero(t[1], operands[1])}, op->getAttrs())};
}

Derivatives padVjp(Builder& b, Operation* op, ValueRange operands, ValueRange, Values g, Flags needed) {
  auto pad = llvm::cast<PadOp>(op);
  Lean e(b);
  Derivatives out(2);
  auto shape = shapeOf(operands[0]);
  if (needed[0]) {
    List limit, stride;
    for (size_t d = 0; d < shape.size(); ++d) {
      stride.push_back(pad.getInterior()[d] + 1);
      limit.push_back(shape[d] == 0 ? pad.getLow()[d] : pad.getLow()[d] + (shape[d] - 1) * stride[d] + 1);
    }
    out[0] = e.slice(g[0], pad.getLow(), limit, stride);
  }
  if (needed[1]) {  // the sum of what surrounds the elements
    Value around = e.pad(e.zerosLike(operands[0]), pad.getLow(), pad.getHigh(), pad.getInterior(), e.like(operands[1], 1.0));
    out[1] = e.sum(e.mul(g[0], around), allDims(shapeOf(g[0]).size()));
  }
  return out;
}

Derivatives concatenateJvp(Builder& b, Operation* op, ValueRange operands, ValueRange, Values t) {
  Lean e(b);
  llvm::SmallVector<Value> parts;
  for (auto [x, tangent] : llvm::zip(operands, t)) parts.push_back(e.orZero(tangent, x));
  return {e.concatenate(parts, llvm::cast<ConcatenateOp>(op).getDim())};
}

Derivatives concatenateVjp(Builder& b, Operation* op, ValueRange operands, ValueRange, Values g, Flags needed) {
  int64_t dim = llvm::cast<ConcatenateOp>(op).getDim();
  Lean e(b);
  Derivatives out(operands.size());
  List start(shapeOf(g[0]).size(), 0), limit(shapeOf(g[0])), stride(start.size(), 1);
  for (auto [i, x] : llvm::enumerate(operands)) {
    limit[dim] = start[dim] + shapeOf(x)[dim];
    if (needed[i]) out[i] = splatValue(g[0]) ? e.like(x, *splatValue(g[0])) : e.slice(g[0], start, limit, stride);
    start[dim] = limit[dim];
  }
  return out;
}

}  // namespace

void registerShapeAutodiff() {
  auto linear = [](const char* op, JvpRule jvp, VjpRule vjp) {
    rulesOf(op).jvp = jvp;
    rulesOf(op).vjp = vjp;
  };
  linear("broadcast", sameOnTangent, broadcastVjp);
  linear("reshape", sameOnTangent, reshapeVjp);
  linear("transpose", sameOnTangent, transposeVjp);
  linear("slice", sameOnTangent, sliceVjp);
  linear("reverse", sameOnTangent, reverseVjp);
  linear("pad", padJvp, padVjp);
  linear("concatenate", concatenateJvp, concatenateVjp);
  rulesOf("constant").differentiable = false;
  rulesOf("iota").differentiable = false;
}

}  // namespace nuthatch::ir
