#pragma once
// Forward mode: every active operation is followed by the computation of its results' tangents.
#include "ir/ops/derivative.h"
#include "passes/autodiff/activity.h"

namespace nuthatch::passes {

class Forward {
 public:
  explicit Forward(Activity& activity) : activity(activity) {}

  void set(mlir::Value v, mlir::Value tangent) { tangents[v] = tangent; }
  /// Null: zero.
  mlir::Value tangent(mlir::Value v) const { return tangents.lookup(v); }
  mlir::Value tangentOrZero(ir::Lean& e, mlir::Value v) const { return e.orZero(tangent(v), v); }

  mlir::LogicalResult run(llvm::ArrayRef<mlir::Operation*> ops);
  mlir::LogicalResult run(mlir::Block&);

  /// Operations replaced by wider ones; erased when the derivative is finished, so that sets of values stay valid.
  llvm::SmallVector<mlir::Operation*> retired;

 private:
  mlir::LogicalResult visit(mlir::Operation*);
  mlir::LogicalResult visitFor(ir::ForOp);
  mlir::LogicalResult visitWhile(ir::WhileOp);
  mlir::LogicalResult visitCase(ir::CaseOp);
  mlir::LogicalResult visitCustom(ir::CustomDerivativeOp);
  mlir::LogicalResult visitCheckpoint(ir::CheckpointOp);
  void replace(mlir::Operation* old, mlir::ValueRange results);

  Activity& activity;
  llvm::DenseMap<mlir::Value, mlir::Value> tangents;
};

}  // namespace nuthatch::passes
