#pragma once
// Constant folding through the reference rules, so that a folded value has the bits evaluation would have given.
#include "ir/dialect/dialect.h"

namespace nuthatch::ir {

/// Larger results stay in the program: folding them would store in it what a loop computes.
inline constexpr int64_t kLargestFold = 4096;

/// The value of the only result of a pure operation without regions, given its operands' values (null where unknown).
/// Null when an operand is unknown, the result is larger than kLargestFold elements, or the operation cannot be folded.
mlir::ElementsAttr foldOp(mlir::Operation*, llvm::ArrayRef<mlir::Attribute> operands);

}  // namespace nuthatch::ir
