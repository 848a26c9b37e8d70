#pragma once
// Emits the batched copy of a block. Straight-line operations follow their batching rules; operations with regions are
// copied region by region (control.cpp).
#include <mlir/IR/IRMapping.h>

#include "ir/ops/builder.h"
#include "passes/loops/lane_variance.h"

namespace nuthatch::passes {

class Batcher {
 public:
  Batcher(const LaneVariance& variance, int64_t size) : variance(variance), size(size) {}

  /// Appends the batched operations of a block, except its terminator. Its arguments must have been bound.
  mlir::LogicalResult emit(mlir::OpBuilder&, mlir::Block&);

  void bind(mlir::Value original, mlir::Value batched) { values.map(original, batched); }
  bool mapped(mlir::Value original) const { return variance.varies(original); }
  /// The value in the batched program, with the axis in front iff the original is mapped.
  mlir::Value get(mlir::Value original) const { return values.lookupOrDefault(original); }
  /// The same with the axis where `wanted`; repeated along it if need be.
  mlir::Value get(ir::Builder&, mlir::Value original, bool wanted) const;

 private:
  mlir::LogicalResult emitOp(mlir::OpBuilder&, mlir::Operation*);
  mlir::LogicalResult emitFor(mlir::OpBuilder&, ir::ForOp);
  mlir::LogicalResult emitWhile(mlir::OpBuilder&, ir::WhileOp);
  mlir::LogicalResult emitCase(mlir::OpBuilder&, ir::CaseOp);
  mlir::LogicalResult emitCustomDerivative(mlir::OpBuilder&, ir::CustomDerivativeOp);
  mlir::LogicalResult emitCheckpoint(mlir::OpBuilder&, ir::CheckpointOp);
  /// Fills `region` with the batched copy of a block whose yielded values get the axis as flagged.
  mlir::LogicalResult emitRegion(mlir::Region& region, mlir::Block& original, llvm::ArrayRef<bool> yieldFlags);
  mlir::Type batchedType(mlir::Value original) const;

  const LaneVariance& variance;
  int64_t size;
  mlir::IRMapping values;
};

}  // namespace nuthatch::passes
