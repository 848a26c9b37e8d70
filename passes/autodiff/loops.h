#pragma once
// Loops are put into a form whose derivative is lean before they are differentiated.
#include "passes/autodiff/activity.h"

namespace nuthatch::passes {

/// A `for` like `old` with other inputs, taking over its body, in front of `old`, which is left with no region content.
/// Result types follow from the body's arguments and terminator.
ir::ForOp rebuildFor(ir::ForOp old, mlir::ValueRange inputs, unsigned carries, bool reverse);

/// For all loops of the block, innermost first:
/// - what does not depend on the iteration moves in front of the loop, unless it is cheap and larger than its operands;
///   its cotangent is then one sum over the iterations;
/// - carries that keep their value are replaced by it;
/// - slices of varied captured tensors at an affine function of the counter become stacked inputs. Their cotangents are
///   then stacked results; otherwise each iteration would touch a cotangent of the whole tensor, O(trip^2) in all.
void prepareLoops(mlir::Block&, const Activity&);

}  // namespace nuthatch::passes
