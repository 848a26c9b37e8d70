#include "passes/transform/expand.h"

#include <llvm/ADT/SetVector.h>
#include <llvm/ADT/TypeSwitch.h>

#include "passes/autodiff/autodiff.h"
#include "passes/batching/batching.h"
#include "passes/loops/raise_xs.h"

namespace nuthatch::passes {
using mlir::LogicalResult;

/// Reads at the counter of a loop that is differentiated cost a slice each, not an array each.
static void raiseReads(mlir::ModuleOp module) {
  llvm::SetVector<mlir::Operation*> loops;
  module.walk([&](ir::VjpOp vjp) {
    vjp.walk<mlir::WalkOrder::PostOrder>([&](ir::ForOp loop) { loops.insert(loop); });
  });
  for (mlir::Operation* loop : loops) raiseToXs(mlir::cast<ir::ForOp>(loop));
}

LogicalResult expandTransforms(mlir::ModuleOp module) {
  raiseReads(module);
  llvm::SmallVector<mlir::Operation*> innermostFirst;
  module.walk<mlir::WalkOrder::PostOrder>([&](mlir::Operation* op) {
    if (mlir::isa<ir::VjpOp, ir::JvpOp, ir::VmapOp>(op)) innermostFirst.push_back(op);
  });
  for (mlir::Operation* op : innermostFirst) {
    LogicalResult expanded = llvm::TypeSwitch<mlir::Operation*, LogicalResult>(op)
                                 .Case([](ir::VjpOp vjp) { return expandVjp(vjp); })
                                 .Case([](ir::JvpOp jvp) { return expandJvp(jvp); })
                                 .Case([](ir::VmapOp vmap) { return expandVmap(vmap); });
    if (failed(expanded)) return expanded;
  }
  return mlir::success();
}

}  // namespace nuthatch::passes
