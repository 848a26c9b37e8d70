#pragma once
// The meaning of the IR: evaluates functions operation by operation through the reference rules. The oracle of every
// backend, and what runs region operations outside a trace.
#include <functional>
#include <span>
#include <vector>

#include <mlir/Dialect/Func/IR/FuncOps.h>

#include "ir/ops/attributes.h"

namespace nuthatch::ir {

/// What a caller can watch. Both may be empty.
struct InterpreterHooks {
  /// After each operation without regions; may overwrite the results (tests poison values with it).
  std::function<void(mlir::Operation*, std::span<Array> results)> evaluated;
  /// For each nh.emit whose mask holds.
  std::function<void(int64_t stream, int64_t position, const Array& value)> emitted;
};

/// Evaluates a function of nh operations. vjp, jvp and vmap must have been expanded; otherwise, and where the number
/// or the types of the arguments are not the function's, throws nuthatch::Error naming the user's line.
std::vector<Array> interpretFunction(mlir::func::FuncOp, std::vector<Array> arguments,
                                             const InterpreterHooks& = {});

/// Evaluates one operation without regions.
std::vector<Array> evaluate(mlir::Operation*, std::span<const Array> operands);

}  // namespace nuthatch::ir
