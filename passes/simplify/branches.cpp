#include <mlir/Interfaces/SideEffectInterfaces.h>

#include "ir/ops/builder.h"
#include "passes/simplify/control.h"
#include "passes/simplify/patterns.h"

namespace nuthatch::passes {

using namespace ir;
using llvm::SmallVector;
using mlir::Region;
using mlir::Value;

bool eraseDeadOps(Region& region) {
  bool changed = false;
  for (mlir::Block& block : region)
    for (mlir::Operation& op : llvm::make_early_inc_range(llvm::reverse(block))) {
      if (mlir::isOpTriviallyDead(&op)) {
        op.erase();
        changed = true;
        continue;
      }
      for (Region& inner : op.getRegions()) changed |= eraseDeadOps(inner);
    }
  return changed;
}

static Value yielded(Region& region, unsigned k) { return region.front().getTerminator()->getOperand(k); }

static void inlineBranch(CaseOp op, Region& branch) {
  mlir::Block& body = branch.front();
  SmallVector<Value> results(body.getTerminator()->getOperands());
  body.getTerminator()->erase();
  op->getBlock()->getOperations().splice(op->getIterator(), body.getOperations());
  op->replaceAllUsesWith(results);
  op.erase();
}

/// Results of a case without those flagged.
static void dropResults(CaseOp op, llvm::ArrayRef<bool> drop) {
  SmallVector<mlir::Type> types;
  for (auto [r, dropped] : llvm::zip(op.getResults(), drop))
    if (!dropped) types.push_back(r.getType());
  mlir::OpBuilder at(op);
  auto slim = CaseOp::create(at, op.getLoc(), types, op.getIndex(), unsigned(op.getBranches().size()));
  slim->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  for (auto [from, to] : llvm::zip(op.getBranches(), slim.getBranches())) {
    to.takeBody(from);
    for (int k = int(drop.size()) - 1; k >= 0; --k)
      if (drop[size_t(k)]) to.front().getTerminator()->eraseOperand(unsigned(k));
    eraseDeadOps(to);
  }
  unsigned next = 0;
  for (auto [r, dropped] : llvm::zip(op.getResults(), drop))
    if (!dropped) r.replaceAllUsesWith(slim.getResult(next++));
  op.erase();
}

bool simplifyCase(CaseOp op) {
  if (mlir::isOpTriviallyDead(op)) return op.erase(), true;
  int64_t last = int64_t(op.getBranches().size()) - 1;
  auto index = splatInteger(op.getIndex());
  if (last == 0) index = 0;
  if (index) {
    inlineBranch(op, op.getBranches()[size_t(std::clamp<int64_t>(*index, 0, last))]);
    return true;
  }
  SmallVector<bool> drop;
  for (unsigned k = 0; k < op.getNumResults(); ++k) {
    Value first = yielded(op.getBranches()[0], k);
    bool above = !op->isAncestor(first.getParentBlock()->getParentOp());
    bool same = llvm::all_of(op.getBranches(), [&](Region& branch) { return yielded(branch, k) == first; });
    if (above && same) op.getResult(k).replaceAllUsesWith(first);
    // The same value under another number.
    for (unsigned j = 0; j < k && !op.getResult(k).use_empty(); ++j)
      if (llvm::all_of(op.getBranches(), [&](Region& branch) { return yielded(branch, k) == yielded(branch, j); }))
        op.getResult(k).replaceAllUsesWith(op.getResult(j));
  }
  for (Value result : op.getResults()) drop.push_back(result.use_empty());
  if (!llvm::is_contained(drop, true)) return false;
  dropResults(op, drop);
  return true;
}

}  // namespace nuthatch::passes
