// Batching of what talks to the host: the new axis is one more that the host goes through.
#include "ir/ops/batching_support.h"

namespace nuthatch::ir {
namespace {
using namespace batching;

Results customCall(Builder& b, mlir::Operation* op, mlir::ValueRange operands, llvm::ArrayRef<bool> mapped, int64_t size) {
  auto call = mlir::cast<CustomCallOp>(op);
  llvm::SmallVector<mlir::Type> types;
  for (mlir::Value r : op->getResults())
    types.push_back(mlir::RankedTensorType::get(prepend(size, shapeOf(r)), elementType(r)));
  auto* batched = b.op("custom_call", spreadAll(b, operands, mapped, size),
                       replaced(op, {b.attr("batch", int64_t(call.getBatch()) + 1),
                                     b.b.getNamedAttr("types", b.b.getTypeArrayAttr(types))}));
  return Results(batched->getResults());
}

Results report(Builder& b, mlir::Operation* op, mlir::ValueRange operands, llvm::ArrayRef<bool> mapped, int64_t size) {
  b.op("report", spreadAll(b, operands, mapped, size), replaced(op, {}));
  return {};
}

Results barrier(Builder& b, mlir::Operation* op, mlir::ValueRange operands, llvm::ArrayRef<bool> mapped, int64_t size) {
  llvm::SmallVector<mlir::Value> all(operands);
  all[0] = spread(b, all[0], mapped[0], size);
  return again(b, op, all);
}

}  // namespace

void registerHostBatching() {
  rulesOf("custom_call").batch = customCall;
  rulesOf("report").batch = report;
  rulesOf("barrier").batch = barrier;
}

}  // namespace nuthatch::ir
