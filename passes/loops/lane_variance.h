#pragma once
// Which values differ between lanes. Lanes run one program on different arguments; a value varies when it depends on
// an argument that does. What does not vary is computed once for all lanes, and a branch on it is a branch for all.
#include <llvm/ADT/DenseSet.h>

#include "ir/dialect/dialect.h"

namespace nuthatch::passes {

class LaneVariance {
 public:
  /// Analyses a block and the regions inside it; `varyingArguments` flags the block's arguments. Values defined above
  /// the block are uniform unless `varyingAbove` holds them.
  LaneVariance(mlir::Block&, llvm::ArrayRef<bool> varyingArguments, const llvm::DenseSet<mlir::Value>& varyingAbove = {});

  bool varies(mlir::Value v) const { return varying.contains(v); }
  bool anyVaries(mlir::ValueRange values) const;
  const llvm::DenseSet<mlir::Value>& values() const { return varying; }
  /// For passes that create values while they rewrite.
  void mark(mlir::Value v) { varying.insert(v); }


 private:
  bool markIf(mlir::Value v, bool condition) { return condition && varying.insert(v).second; }
  /// Each returns true when the set grew.
  bool visit(mlir::Block&);
  bool visit(mlir::Operation*);
  bool visitFor(ir::ForOp);
  bool visitWhile(ir::WhileOp);
  bool visitCase(ir::CaseOp);
  bool visitCustomDerivative(ir::CustomDerivativeOp);
  bool visitCheckpoint(ir::CheckpointOp);

  llvm::DenseSet<mlir::Value> varying;
};

}  // namespace nuthatch::passes
