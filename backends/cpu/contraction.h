#pragma once
// The dimensions of a dot_general, and where its operands' elements are.
#include "backends/cpu/emitter.h"

namespace nuthatch::cpu {

struct Contraction {
  Emitter& e;
  ir::DotGeneralOp op;
  Dtype d;
  llvm::SmallVector<int64_t> lhsFree, rhsFree, contracted;  // dimension numbers; extents of the contraction
  int64_t batch, depth = 1;

  Contraction(Emitter& e, ir::DotGeneralOp op) : e(e), op(op), d(Emitter::dtype(op.getResult())) {
    auto free = [](mlir::Value v, llvm::ArrayRef<int64_t> batch, llvm::ArrayRef<int64_t> contract) {
      llvm::SmallVector<int64_t> out;
      for (int64_t k = 0; k < int64_t(Emitter::shape(v).size()); ++k)
        if (!llvm::is_contained(batch, k) && !llvm::is_contained(contract, k)) out.push_back(k);
      return out;
    };
    lhsFree = free(op.getLhs(), op.getLhsBatch(), op.getLhsContract());
    rhsFree = free(op.getRhs(), op.getRhsBatch(), op.getRhsContract());
    batch = int64_t(op.getLhsBatch().size());
    for (auto k : op.getLhsContract()) contracted.push_back(Emitter::shape(op.getLhs())[k]);
    for (auto n : contracted) depth *= n;
  }

  /// Index into an operand for a result index and a position of the contraction.
  Index operandIndex(bool left, const Index& result, Ix k) {
    mlir::Value v = left ? op.getLhs() : op.getRhs();
    auto batchDims = left ? op.getLhsBatch() : op.getRhsBatch();
    auto contractDims = left ? op.getLhsContract() : op.getRhsContract();
    auto& freeDims = left ? lhsFree : rhsFree;
    Index out;
    out.dims.resize(Emitter::shape(v).size());
    for (auto [i, dim] : llvm::enumerate(batchDims)) out.dims[dim] = result.dims[i];
    size_t first = batch + (left ? 0 : lhsFree.size());
    for (auto [i, dim] : llvm::enumerate(freeDims)) out.dims[dim] = result.dims[first + i];
    Index position;
    position.flat = true;
    position.linear = k;
    bool possible;
    Index inner = e.expand(position, contracted, possible);
    for (auto [i, dim] : llvm::enumerate(contractDims)) out.dims[dim] = inner.dims[i];
    return out;
  }

  llvm::SmallVector<int64_t> extents(bool left) {
    llvm::SmallVector<int64_t> out;
    for (auto k : left ? lhsFree : rhsFree) out.push_back(Emitter::shape(left ? op.getLhs() : op.getRhs())[k]);
    return out;
  }
};

}  // namespace nuthatch::cpu
