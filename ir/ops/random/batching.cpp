// Batching of random operations: keys have leading dimensions already.
#include "ir/ops/batching_support.h"

namespace nuthatch::ir {

void registerRandomBatching() {
  BatchRule rule = [](Builder& b, mlir::Operation* op, mlir::ValueRange operands, llvm::ArrayRef<bool> mapped, int64_t size) {
    return batching::again(b, op, batching::spreadAll(b, operands, mapped, size));
  };
  for (const char* op : {"rng_bits", "rng_split", "rng_fold_in"}) rulesOf(op).batch = rule;
}

}  // namespace nuthatch::ir
