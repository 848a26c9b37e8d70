#include "passes/autodiff/autodiff.h"
#include "passes/autodiff/body.h"
#include "passes/autodiff/forward.h"

namespace nuthatch::passes {
using namespace ir;
using mlir::LogicalResult;
using mlir::Operation;
using mlir::Value;

LogicalResult Forward::run(llvm::ArrayRef<Operation*> ops) {
  for (Operation* op : ops)
    if (failed(visit(op))) return mlir::failure();
  return mlir::success();
}

LogicalResult Forward::run(mlir::Block& block) {
  llvm::SmallVector<Operation*> ops;
  for (Operation& op : block.without_terminator()) ops.push_back(&op);
  return run(ops);
}

LogicalResult Forward::visit(Operation* op) {
  if (!activity.varied(op)) return mlir::success();
  if (auto loop = llvm::dyn_cast<ForOp>(op)) return visitFor(loop);
  if (auto loop = llvm::dyn_cast<WhileOp>(op)) return visitWhile(loop);
  if (auto branches = llvm::dyn_cast<CaseOp>(op)) return visitCase(branches);
  if (auto custom = llvm::dyn_cast<CustomDerivativeOp>(op)) return visitCustom(custom);
  if (auto checkpoint = llvm::dyn_cast<CheckpointOp>(op)) return visitCheckpoint(checkpoint);
  const OpRules& rules = rulesOf(op);
  if (!rules.jvp) return op->emitOpError("has no derivative");
  llvm::SmallVector<Value> incoming;
  for (Value v : op->getOperands()) incoming.push_back(tangent(v));
  if (llvm::none_of(incoming, [](Value t) { return bool(t); })) return mlir::success();
  mlir::OpBuilder b(op->getContext());
  b.setInsertionPointAfter(op);
  Lean e(b, op->getLoc());
  Derivatives outgoing = rules.jvp(e, op, op->getOperands(), op->getResults(), incoming);
  if (outgoing.empty()) return mlir::failure();  // the rule has said why
  for (auto [result, t] : llvm::zip(op->getResults(), outgoing))
    if (t) set(result, t);
  return mlir::success();
}

void Forward::replace(Operation* old, mlir::ValueRange results) {
  for (auto [before, after] : llvm::zip(old->getResults(), results)) before.replaceAllUsesWith(after);
  old->remove();
  retired.push_back(old);
}

LogicalResult expandJvp(JvpOp op) {
  unsigned n = op.getInputs().size() / 2;
  Expansion expansion(op, op.getBody());
  Activity activity;
  Forward forward(activity);
  for (unsigned k = 0; k < n; ++k) {
    mlir::BlockArgument argument = op.getBody().getArgument(k);
    Value t = op.getInputs()[n + k];
    if (!isFloat(argument) || splatValue(t) == 0.0) continue;
    activity.seed(argument);
    forward.set(argument, t);
  }
  for (Operation* inner : expansion.ops) activity.forward(inner);
  if (failed(forward.run(expansion.ops))) return Expansion::abandon(forward.retired);
  mlir::OpBuilder b(op);
  Lean e(b, op.getLoc());
  llvm::SmallVector<Value> results = expansion.yields();
  for (Value v : expansion.yields()) results.push_back(forward.tangentOrZero(e, v));
  expansion.finish(op.getInputs().take_front(n), results, forward.retired);
  return mlir::success();
}

}  // namespace nuthatch::passes
