#pragma once
// A covariance is often a parameter times a matrix that is data: s R. Its Cholesky factor is sqrt(s) times that of R, its
// solves and products are multiples of those of R. In a loop that does not change R, the pass takes the scalar out of
// factorisations, solves, products and the logarithm of a factor's diagonal, and computes what is left in front of the
// loop; n^3 operations and their derivative become one multiplication.
//
// It changes the rounding of results, by a few units in the last place of what the operation itself may be wrong by, and
// therefore runs before derivatives are taken and before the interpreter, as sufficient-statistics does, which comes next
// and finds more that is affine in data.
#include <mlir/IR/BuiltinOps.h>

namespace nuthatch::passes {

void pullScalars(mlir::ModuleOp);

}  // namespace nuthatch::passes
