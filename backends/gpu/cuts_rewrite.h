#pragma once
// A plain program in the shape in which it is cut.
#include "backends/gpu/cuts.h"
#include "ir/dialect/dialect.h"

namespace nuthatch::gpu {

/// lane_any is its operand, since each chain goes its own way.
void dropLaneAny(mlir::ModuleOp);

/// Large factorisations become calls of kFactor and what makes a factor of the dialect of their results; their pullback
/// becomes products and substitutions. `varying` flags the arguments of the function.
void expandFactorisations(mlir::ModuleOp, llvm::ArrayRef<bool> varying, const CutOptions&);

/// Products read matrices that are transposed as they lie.
void absorbTransposes(mlir::ModuleOp);

/// Loops that will be cut, from the outermost: short ones are written out; a while loop carries whether it goes on; a for
/// loop reads the slices of its inputs from the whole arrays.
void prepareLoops(mlir::ModuleOp, llvm::ArrayRef<bool> varying, const CutOptions&);

}  // namespace nuthatch::gpu
