#pragma once
// Differentiation from IR to IR. Both modes work in place on a body without further transformations in it.
#include "ir/dialect/dialect.h"

namespace nuthatch::passes {

/// Reverse mode. The body is computed once, where the operation stands; a sweep over its active operations in reverse
/// order follows. In straight-line code what the sweep needs are simply the values of the body; loops save or recompute
/// them (residuals.h).
mlir::LogicalResult expandVjp(ir::VjpOp);

/// Forward mode: each active operation is followed by its tangent.
mlir::LogicalResult expandJvp(ir::JvpOp);

}  // namespace nuthatch::passes
