#pragma once
// Removes nh.vjp, nh.jvp and nh.vmap from a module: each is replaced by the operations it stands for, innermost first,
// so that a transformation only ever sees plain operations below it. Nesting gives higher derivatives.
#include <mlir/IR/BuiltinOps.h>

namespace nuthatch::passes {

mlir::LogicalResult expandTransforms(mlir::ModuleOp);

}  // namespace nuthatch::passes
