#pragma once
// Reverse mode: a sweep over active operations in reverse order that emits the cotangents of their operands. Rules refer
// to the values of the forward computation as if they were in scope; loops see to it that they are (residuals.h).
#include "passes/autodiff/activity.h"
#include "passes/autodiff/cotangents.h"

namespace nuthatch::passes {

class Reverse {
 public:
  /// `retired` collects operations replaced by wider ones, to be destroyed when the derivative is finished.
  Reverse(Activity& activity, llvm::SmallVectorImpl<mlir::Operation*>& retired) : activity(activity), retired(retired) {}

  /// Emits at the insertion point of `b`.
  mlir::LogicalResult sweep(llvm::ArrayRef<mlir::Operation*> ops, Cotangents&, mlir::OpBuilder& b);
  mlir::LogicalResult sweep(mlir::Block&, Cotangents&, mlir::OpBuilder& b);

 private:
  mlir::LogicalResult visit(mlir::Operation*, Cotangents&, mlir::OpBuilder&);
  mlir::LogicalResult visitFor(ir::ForOp, Cotangents&, mlir::OpBuilder&);
  mlir::LogicalResult visitWhile(ir::WhileOp, Cotangents&, mlir::OpBuilder&);
  mlir::LogicalResult visitCase(ir::CaseOp, Cotangents&, mlir::OpBuilder&);
  mlir::LogicalResult visitCustom(ir::CustomDerivativeOp, Cotangents&, mlir::OpBuilder&);
  mlir::LogicalResult visitCheckpoint(ir::CheckpointOp, Cotangents&, mlir::OpBuilder&);
  void replace(mlir::Operation* old, mlir::ValueRange results);

  Activity& activity;
  llvm::SmallVectorImpl<mlir::Operation*>& retired;
};

/// A rule that is linear in its last arguments, inlined and transposed in them.
struct TransposedRule {
  llvm::SmallVector<mlir::Value> yields;      // of the rule for zeros in the linear arguments
  llvm::SmallVector<mlir::Value> cotangents;  // one for each linear argument, null for zero
};
/// The rule is inlined at `forward`, its transpose at `reverse`. `linear` gives the types of the linear arguments;
/// `cotangents` one value, or null, for each of the last yields. Values of the linear part itself are not referred to.
mlir::FailureOr<TransposedRule> transposeRule(
    mlir::OpBuilder& forward, mlir::OpBuilder& reverse, mlir::Region& rule, mlir::ValueRange arguments,
    mlir::ValueRange linear, llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::ValueRange yields)> cotangents,
    llvm::SmallVectorImpl<mlir::Operation*>& retired);

/// A user-given rule knows its arguments only: it is an error for it to capture a differentiated value.
mlir::LogicalResult checkCaptures(ir::CustomDerivativeOp, const Activity&);

}  // namespace nuthatch::passes
