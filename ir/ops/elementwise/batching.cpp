// Batching of elementwise operations: the same operation on operands that all have the new axis.
#include "ir/ops/batching_support.h"

namespace nuthatch::ir {

void registerElementwiseBatching() {
  BatchRule rule = [](Builder& b, mlir::Operation* op, mlir::ValueRange operands, llvm::ArrayRef<bool> mapped, int64_t size) {
    return batching::again(b, op, batching::spreadAll(b, operands, mapped, size));
  };
  for (const char* op : {"unary", "binary", "ternary", "compare", "select", "fma", "convert", "bitcast"}) rulesOf(op).batch = rule;
}

}  // namespace nuthatch::ir
