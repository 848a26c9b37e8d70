// Batching of the chain operations: the new axis plays the lanes of a pack.
#include "ir/ops/batching_support.h"

namespace nuthatch::ir {
namespace {
using namespace batching;

// The same for every lane. The pass that batches regions keeps it unmapped, so that control that follows it stays common.
Results laneAny(Builder& b, mlir::Operation*, mlir::ValueRange x, llvm::ArrayRef<bool>, int64_t size) {
  return {spread(b, b.reduce(ReduceKind::any, x[0], {0}), false, size)};
}

// Lane k of stream s becomes stream s * size + k.
Results emit(Builder& b, mlir::Operation* op, mlir::ValueRange operands, llvm::ArrayRef<bool> mapped, int64_t size) {
  int64_t stream = int64_t(mlir::cast<EmitOp>(op).getStream());
  for (int64_t lane = 0; lane < size; ++lane) {
    llvm::SmallVector<mlir::Value> one;
    for (auto [x, isMapped] : llvm::zip(operands, mapped)) {
      if (!isMapped) {
        one.push_back(x);
        continue;
      }
      auto shape = shapeOf(x);
      List start(shape.size(), 0), limit(shape), stride(shape.size(), 1);
      start[0] = lane;
      limit[0] = lane + 1;
      one.push_back(b.reshape(b.slice(x, start, limit, stride), shape.drop_front()));
    }
    b.op("emit", one, b.attr("stream", stream * size + lane));
  }
  return {};
}

}  // namespace

void registerControlBatching() {
  rulesOf("lane_any").batch = laneAny;
  rulesOf("emit").batch = emit;
}

}  // namespace nuthatch::ir
