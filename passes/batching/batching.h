#pragma once
// vmap as a rewriting of IR: the body once, on values that carry a leading axis where they depend on a mapped operand.
// What does not depend on one stays as it is and is computed once.
#include "ir/dialect/dialect.h"

namespace nuthatch::passes {

/// Replaces the operation by its batched body. The body must hold no vjp, jvp or vmap (expand those first).
///
/// Control flow first becomes uniform over the axis as over the lanes of a pack (passes/loops/lane_masking.h): a
/// condition that differs becomes "if any element needs it, compute, then select", also under later derivatives.
mlir::LogicalResult expandVmap(ir::VmapOp);

}  // namespace nuthatch::passes
