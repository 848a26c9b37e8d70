#pragma once
// Products that are only added become fused multiply-adds. No backend contracts by itself: which products are fused is
// decided here, once, on the program as it was written, so that hoisting, batching, lanes, targets and the interpreter
// cannot come to different bits. Run it before any of those.
//
// The rule, for a floating-point sum in the order of the block: a product in the same block whose only use is the sum is
// fused, through broadcasts (a product that is the same for all elements of a batch is one such); of two the left one.
//   a * b + c -> fma(a, b, c)     a * b - c -> fma(a, b, -c)     c - a * b -> fma(-a, b, c)
#include <mlir/IR/BuiltinOps.h>

namespace nuthatch::passes {

void formFma(mlir::Region&);
void formFma(mlir::ModuleOp);

}  // namespace nuthatch::passes
