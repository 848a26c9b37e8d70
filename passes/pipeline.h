#pragma once
// The compiler's pipeline on nh, as one readable list.
#include <mlir/Dialect/Func/IR/FuncOps.h>

namespace nuthatch::passes {

/// Attribute of a module that toPlainOperations has seen before it was cut: what is alike in a part of a program, a
/// product with one use that had two, must not be treated anew.
inline constexpr llvm::StringLiteral kPlain = "nh.plain";

/// From a traced module to the operations it stands for: transformations expanded, custom derivatives reduced to their
/// primals, products fused into sums. What follows keeps every bit, and the interpreter starts here as well.
mlir::LogicalResult toPlainOperations(mlir::ModuleOp);

/// From a traced module to what the code generators accept: transformations expanded, simplified, fma formed,
/// control flow made uniform over lanes. `varying` flags the arguments of @main that differ between lanes (empty: none).
mlir::LogicalResult prepareForCodegen(mlir::ModuleOp, llvm::ArrayRef<bool> varying);

}  // namespace nuthatch::passes
