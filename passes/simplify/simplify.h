#pragma once
// Makes a program smaller without changing a bit of its results: constants folded by the reference rules, algebra that
// is exact under strict IEEE arithmetic, equal operations merged, compositions of reshapes, broadcasts and slices
// shortened, loops freed of what they need not carry or recompute. No reassociation, no x * 0, no log(exp x).
#include <mlir/IR/BuiltinOps.h>

namespace nuthatch::passes {

void simplify(mlir::ModuleOp);

/// Only removes what no result or emitted value depends on, region operations included.
void removeDeadCode(mlir::ModuleOp);

}  // namespace nuthatch::passes
