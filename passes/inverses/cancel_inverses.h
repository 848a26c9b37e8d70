#pragma once
// log(exp x) is x, and so are log1p(expm1 x) and log2(exp2 x). A positive
// parameter is exp of what the sampler moves, and densities take its logarithm:
// without this, every such parameter costs a logarithm, two divisions in the
// derivative, and digits. Not one of the rewrites of `simplify`, which keep
// every bit: the result differs from that of the two functions by their
// rounding, and where exp overflows it is x instead of infinity. It therefore
// belongs to what a program means: it runs first, before derivatives are taken
// and before the interpreter.
#include <mlir/IR/BuiltinOps.h>

namespace nuthatch::passes {

void cancelInverses(mlir::ModuleOp);

} // namespace nuthatch::passes
