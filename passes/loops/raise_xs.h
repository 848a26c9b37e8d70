#pragma once
// A loop that reads captured arrays at its counter receives their slices as stacked inputs instead. The derivative of a
// stacked input is a stacked output, one slice per iteration; that of a read at an index is a whole array per iteration.
#include <mlir/IR/BuiltinOps.h>

#include "ir/dialect/dialect.h"

namespace nuthatch::passes {

/// Reads of blocks of extent one at counter + c or c - counter along one dimension, at indices known outside the loop
/// along the others. The loop is replaced; returns the one to go on with.
ir::ForOp raiseToXs(ir::ForOp);

/// For all loops of a module, innermost first.
void raiseToXs(mlir::ModuleOp);

}  // namespace nuthatch::passes
