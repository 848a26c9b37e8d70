#pragma once
// Rewrites of operations with regions; each returns whether it changed anything.
#include <mlir/IR/BuiltinOps.h>

#include "ir/dialect/dialect.h"

namespace nuthatch::passes {

/// Erases operations without effect whose results are not used, bottom up.
bool eraseDeadOps(mlir::Region&);

/// Branches of a known index are inlined; results that no one uses or that all branches take from above disappear.
/// The operation may be erased.
bool simplifyCase(ir::CaseOp);
/// Carries that never change become captures; carries, slices and stacks that no result depends on disappear; stacks of
/// one value become broadcasts; a loop of one iteration or none is inlined. The operation may be erased or replaced.
bool simplifyFor(ir::ForOp);
bool simplifyWhile(ir::WhileOp);

/// Moves what does not change between iterations in front of the loop. Literals, iotas and broadcasts stay (they are
/// cheaper to make again than to read) unless something that moves needs them.
bool hoistInvariants(mlir::Operation* loop);

}  // namespace nuthatch::passes
