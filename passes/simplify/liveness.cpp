#include "passes/simplify/liveness.h"

#include <mlir/Interfaces/SideEffectInterfaces.h>

namespace nuthatch::passes {

using mlir::Operation;
using mlir::Value;

Liveness::Liveness(mlir::Block& block) : block(block) {
  for (Operation& op : block.without_terminator())
    if (!mlir::isMemoryEffectFree(&op)) wantOperands(&op);
}

void Liveness::want(Value v) {
  llvm::SmallVector<Value> work{v};
  while (!work.empty()) {
    Value next = work.pop_back_val();
    if (!live.insert(next).second) continue;
    Operation* op = next.getDefiningOp();
    // Values inside a nested region belong to the operation of this block around them.
    op = op ? block.findAncestorOpInBlock(*op) : nullptr;
    if (!op || !visited.insert(op).second) continue;
    op->walk([&](Operation* inner) { work.append(inner->operand_begin(), inner->operand_end()); });
  }
}

void Liveness::wantOperands(Operation* op) {
  visited.insert(op);
  op->walk([&](Operation* inner) {
    for (Value v : inner->getOperands()) want(v);
  });
}

}  // namespace nuthatch::passes
