#pragma once
// log(exp x) is x, log1p(expm1 x) is x and log2(exp2 x) is x. A positive parameter is exp of what the sampler moves, and
// densities take its logarithm: without this, every such parameter costs a logarithm, two divisions in the derivative, and
// digits. For the same reason log(logistic x) is -softplus(-x) and log(1 - logistic x) is -softplus(x): a probability that
// is a function of a predictor is exactly 0 or 1 far out, and its logarithm is not. Both are seen through choices, of which
// xlogy and densities of truth values are made, and, for arrays, through the factor of an exposure, log(n exp x) =
// log n + x.
//
// Not one of the rewrites of `simplify`, which keep every bit: the result differs from that of the two functions by their
// rounding, and where exp overflows or a probability is 0 it is right where they are not. It therefore belongs to what a
// program means: it runs first, before derivatives are taken and before the interpreter.
#include <mlir/IR/BuiltinOps.h>

namespace nuthatch::passes {

void cancelInverses(mlir::ModuleOp module);

}  // namespace nuthatch::passes
