#pragma once
// An independent check of what storage.cpp decides. The planner works backwards over live ranges and conflicts; this
// walks forwards, in the order in which code is emitted, and keeps for every place in memory the values it holds. A read
// of a value that its place no longer holds is an error of the plan.
#include <string>

#include "backends/cpu/storage.h"

namespace nuthatch::cpu {

/// The first error, with the operation and the user's line; empty when there is none. Compilation runs it where the
/// environment variable NUTHATCH_CHECK contains "plan".
std::string checkStorage(mlir::func::FuncOp, const Plan&, const Storage&, llvm::function_ref<bool(mlir::Value)> varying);

}  // namespace nuthatch::cpu
