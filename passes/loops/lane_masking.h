#pragma once
// Makes control flow uniform over lanes. A program means one chain; several run in the lanes of a pack. A branch that
// only some lanes take becomes a branch taken when any lane needs it, whose results are selected lane by lane; a loop
// that lanes leave at different times runs until the last has left, and the others keep their carries.
//
// The mask of active lanes is a value: every masked region ANDs its own condition with the mask around it, and so do
// the masks of `emit`, so that a lane that is not active can neither keep a loop alive nor store anything. What such
// lanes compute inside the region is arbitrary and never leaves it.
//
// An array of which a region only replaces a block (dynamic_update_slice of the array that the lane keeps otherwise) is
// masked by selecting the block, not the array: the cost of an inactive lane is a row, and the array is updated in place.
#include <mlir/Dialect/Func/IR/FuncOps.h>

namespace nuthatch::passes {

/// `varyingArguments` flags the arguments that differ between lanes. With `activeArgument` >= 0 that argument
/// (tensor<i1>) is the mask of lanes that hold a chain at all.
mlir::LogicalResult maskLanes(mlir::func::FuncOp, llvm::ArrayRef<bool> varyingArguments, int activeArgument = -1);

/// The same for the block of a region, all lanes active.
mlir::LogicalResult maskLanes(mlir::Block&, llvm::ArrayRef<bool> varyingArguments);

}  // namespace nuthatch::passes
