#include "passes/pipeline.h"

#include "ir/dialect/dialect.h"
#include "passes/form_fma/form_fma.h"
#include "passes/inverses/cancel_inverses.h"
#include "passes/loops/lane_masking.h"
#include "passes/recursions/scale_forward.h"
#include "passes/simplify/simplify.h"
#include "passes/statistics/pull_scalars.h"
#include "passes/statistics/sufficient_statistics.h"
#include "passes/transform/expand.h"

namespace nuthatch::passes {

/// Differentiation is over: only the primal of a custom derivative is left, the body of a checkpoint is computed where it
/// is needed, and both may merge with their surroundings.
static void inlineFunctions(mlir::ModuleOp module) {
  llvm::SmallVector<mlir::Operation*> found;
  module.walk<mlir::WalkOrder::PostOrder>([&](mlir::Operation* op) {
    if (mlir::isa<ir::CustomDerivativeOp, ir::CheckpointOp>(op)) found.push_back(op);
  });
  for (auto* op : found) {
    auto& primal = op->getRegion(0).front();
    auto* terminator = primal.getTerminator();
    llvm::SmallVector<mlir::Value> results(terminator->getOperands());
    for (auto [argument, operand] : llvm::zip(primal.getArguments(), op->getOperands())) argument.replaceAllUsesWith(operand);
    for (auto& r : results)
      if (auto a = mlir::dyn_cast<mlir::BlockArgument>(r); a && a.getOwner() == &primal) r = op->getOperand(a.getArgNumber());
    terminator->erase();
    op->getBlock()->getOperations().splice(op->getIterator(), primal.getOperations());
    op->replaceAllUsesWith(results);
    op->erase();
  }
}

mlir::LogicalResult toPlainOperations(mlir::ModuleOp module) {
  if (module->hasAttr(kPlain)) return mlir::success();
  cancelInverses(module);
  scaleForwardRecursions(module);
  pullScalars(module);
  useSufficientStatistics(module);
  if (mlir::failed(expandTransforms(module))) return mlir::failure();
  inlineFunctions(module);
  removeDeadCode(module);  // a dead use would keep a product from being fused
  formFma(module);
  return mlir::success();
}

mlir::LogicalResult prepareForCodegen(mlir::ModuleOp module, llvm::ArrayRef<bool> varying) {
  if (mlir::failed(toPlainOperations(module))) return mlir::failure();
  simplify(module);
  auto main = *module.getOps<mlir::func::FuncOp>().begin();
  if (llvm::is_contained(varying, true)) {
    if (mlir::failed(maskLanes(main, varying))) return mlir::failure();
    simplify(module);
  }
  return mlir::success();
}

}  // namespace nuthatch::passes
