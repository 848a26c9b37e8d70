// A barrier is the identity of its first operand. Foreign code has the derivative its user gives it, in a
// custom_derivative around it; reaching the call itself means there is none.
#include "ir/ops/rules.h"

namespace nuthatch::ir {
namespace {

Derivatives noDerivative(mlir::Operation* op) {
  op->emitError() << "the foreign function '" << mlir::cast<CustomCallOp>(op).getFunction()
                  << "' has no derivative; give one (foreign's .vjp, custom_vjp or custom_jvp), or use stop_gradient";
  return {};
}

Derivatives barrierVjp(Builder&, mlir::Operation* op, mlir::ValueRange, mlir::ValueRange, llvm::ArrayRef<mlir::Value> g,
                       llvm::ArrayRef<bool>) {
  Derivatives out(op->getNumOperands());
  out[0] = g[0];
  return out;
}

}  // namespace

void registerHostAutodiff() {
  rulesOf("custom_call").jvp = [](Builder&, mlir::Operation* op, mlir::ValueRange, mlir::ValueRange,
                                  llvm::ArrayRef<mlir::Value>) { return noDerivative(op); };
  rulesOf("custom_call").vjp = [](Builder&, mlir::Operation* op, mlir::ValueRange, mlir::ValueRange,
                                  llvm::ArrayRef<mlir::Value>, llvm::ArrayRef<bool>) { return noDerivative(op); };
  rulesOf("barrier").jvp = [](Builder&, mlir::Operation*, mlir::ValueRange, mlir::ValueRange,
                              llvm::ArrayRef<mlir::Value> t) { return Derivatives{t[0]}; };
  rulesOf("barrier").vjp = barrierVjp;
}

}  // namespace nuthatch::ir
