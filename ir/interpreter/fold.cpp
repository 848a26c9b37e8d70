#include "ir/interpreter/fold.h"

#include "ir/interpreter/interpreter.h"
#include "ir/ops/elements.h"
#include "ir/ops/rules.h"

namespace nuthatch::ir {

mlir::ElementsAttr foldOp(mlir::Operation* op, llvm::ArrayRef<mlir::Attribute> operands) {
  if (op->getNumResults() != 1 || op->getNumRegions() != 0 || mlir::isa<ConstantOp, LaneAnyOp, BarrierOp, CustomCallOp>(op)) return {};
  if (!mlir::isa<NhDialect>(op->getDialect()) || !rulesOf(op).eval) return {};
  if (tensorType(op->getResult(0)).getNumElements() > kLargestFold) return {};
  std::vector<Array> arrays;
  for (mlir::Attribute a : operands) {
    auto elements = mlir::dyn_cast_or_null<mlir::ElementsAttr>(a);
    // A large operand of a small result (a reduction of data) would make compiling do the program's work.
    if (!elements || elements.getNumElements() > kLargestFold) return {};
    arrays.push_back(arrayOf(elements));
  }
  return elementsOf(op->getContext(), evaluate(op, arrays)[0]);
}

}  // namespace nuthatch::ir
