#include "passes/statistics/loop_invariants.h"

#include <mlir/IR/IRMapping.h>
#include <mlir/Interfaces/SideEffectInterfaces.h>

namespace nuthatch::passes {

using mlir::Operation;
using mlir::Value;

llvm::SmallVector<Operation*> loopsAround(Operation* op) {
  constexpr int64_t kFewIterations = 16;
  llvm::SmallVector<Operation*> loops;
  for (Operation* around = op->getParentOp(); around; around = around->getParentOp()) {
    auto counted = mlir::dyn_cast<ir::ForOp>(around);
    if (mlir::isa<ir::WhileOp>(around) || (counted && int64_t(counted.getTrip()) >= kFewIterations)) loops.push_back(around);
  }
  std::reverse(loops.begin(), loops.end());
  return loops;
}

LoopInvariants::LoopInvariants(Operation* loop) : builder(loop), loop(loop) {
  // In program order: operands come before their uses.
  loop->walk<mlir::WalkOrder::PreOrder>([&](Operation* op) {
    if (op == loop || op->getNumRegions() || op->getNumResults() == 0 || !mlir::isMemoryEffectFree(op)) return;
    if (llvm::all_of(op->getOperands(), [&](Value v) { return invariant(v); })) known.insert_range(op->getResults());
  });
}

bool LoopInvariants::outside(Value v) const { return !loop->isAncestor(v.getParentBlock()->getParentOp()); }

bool LoopInvariants::invariant(Value v) const { return known.contains(v) || outside(v); }

Value LoopInvariants::before(Value v) {
  llvm::SmallVector<Value> wanted{v};
  while (!wanted.empty()) {
    Value next = wanted.back();
    if (outside(next) || moved.contains(next)) {
      wanted.pop_back();
      continue;
    }
    Operation* op = next.getDefiningOp();
    const size_t waiting = wanted.size();
    for (Value operand : op->getOperands())
      if (!outside(operand) && !moved.contains(operand)) wanted.push_back(operand);
    if (wanted.size() > waiting) continue;
    mlir::IRMapping operands;
    for (Value operand : op->getOperands()) operands.map(operand, outside(operand) ? operand : moved.lookup(operand));
    Operation* copy = builder.clone(*op, operands);
    for (auto [old, now] : llvm::zip(op->getResults(), copy->getResults())) moved[old] = now;
  }
  return outside(v) ? v : moved.lookup(v);
}

bool sameComputation(Value a, Value b, int depth) {
  if (a == b) return true;
  Operation *x = a.getDefiningOp(), *y = b.getDefiningOp();
  if (depth == 0 || !x || !y || x->getName() != y->getName() || x->getNumRegions() != 0) return false;
  if (x->getAttrDictionary() != y->getAttrDictionary() || a.getType() != b.getType()) return false;
  if (x->getNumOperands() != y->getNumOperands()) return false;
  if (mlir::cast<mlir::OpResult>(a).getResultNumber() != mlir::cast<mlir::OpResult>(b).getResultNumber()) return false;
  for (auto [v, w] : llvm::zip(x->getOperands(), y->getOperands()))
    if (!sameComputation(v, w, depth - 1)) return false;
  return true;
}

}  // namespace nuthatch::passes
