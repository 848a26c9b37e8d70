// Batching of reductions. The order in which elements are combined depends on the reduced extents alone, so a batched
// reduction has the bits of the single ones.
#include "ir/ops/batching_support.h"

namespace nuthatch::ir {
namespace {
using namespace batching;

Results reduce(Builder& b, mlir::Operation* op, mlir::ValueRange x, llvm::ArrayRef<bool>, int64_t) {
  return again(b, op, x, b.attr("dims", shifted(mlir::cast<ReduceOp>(op).getDims())));
}
Results alongDim(Builder& b, mlir::Operation* op, mlir::ValueRange x, llvm::ArrayRef<bool>, int64_t) {
  return again(b, op, x, b.attr("dim", op->getAttrOfType<mlir::IntegerAttr>("dim").getInt() + 1));
}

}  // namespace

void registerReductionBatching() {
  rulesOf("reduce").batch = reduce;
  rulesOf("arg_reduce").batch = alongDim;
  rulesOf("cumulative").batch = alongDim;
}

}  // namespace nuthatch::ir
