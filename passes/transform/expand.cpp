#include "passes/transform/expand.h"

#include <llvm/ADT/TypeSwitch.h>

#include "passes/autodiff/autodiff.h"
#include "passes/batching/batching.h"

namespace nuthatch::passes {
using mlir::LogicalResult;

LogicalResult expandTransforms(mlir::ModuleOp module) {
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
