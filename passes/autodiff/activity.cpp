#include "passes/autodiff/activity.h"

#include "ir/ops/derivative.h"

namespace nuthatch::passes {
using namespace ir;
using mlir::Block;
using mlir::Operation;
using mlir::Value;

LoopBody loopBody(Operation* loop) {
  if (auto op = llvm::dyn_cast<ForOp>(loop)) return {&op.getBody().front(), 1, unsigned(op.getNumCarries())};
  auto op = llvm::cast<WhileOp>(loop);
  return {&op.getBody().front(), 0, unsigned(op.getInits().size())};
}

/// Elementwise functions whose derivative is zero everywhere.
static bool isLocallyConstant(Operation* op) {
  auto unary = llvm::dyn_cast<UnaryOp>(op);
  if (!unary) return false;
  switch (unary.getKind()) {
    case UnaryKind::sign:
    case UnaryKind::floor:
    case UnaryKind::ceil:
    case UnaryKind::round:
    case UnaryKind::is_finite:
    case UnaryKind::logical_not:
    case UnaryKind::stop_gradient: return true;
    default: return false;
  }
}

bool Activity::varied(Operation* op) const {
  return llvm::any_of(op->getResults(), [&](Value v) { return varied(v); });
}

bool Activity::mark(Value v) { return isFloat(v) && varied_.insert(v).second; }

void Activity::forward(Block& block) {
  for (Operation& op : block) forward(&op);
}

void Activity::forwardLoop(Block& body, mlir::ValueRange inits, mlir::ValueRange xs, mlir::ResultRange results) {
  unsigned carries = inits.size(), first = body.getNumArguments() - carries - xs.size();
  for (auto [i, x] : llvm::enumerate(xs))
    if (varied(x)) mark(body.getArgument(first + carries + i));
  for (auto [j, init] : llvm::enumerate(inits))
    if (varied(init)) mark(body.getArgument(first + j));
  auto yields = body.getTerminator()->getOperands();
  for (bool changed = true; changed;) {
    changed = false;
    forward(body);
    for (unsigned j = 0; j < carries; ++j)
      if (varied(yields[j])) changed |= mark(body.getArgument(first + j));
  }
  for (auto [k, result] : llvm::enumerate(results))
    if (varied(yields[k]) || (k < carries && varied(inits[k]))) mark(result);
}

void Activity::forward(Operation* op) {
  if (auto loop = llvm::dyn_cast<ForOp>(op)) {
    auto n = loop.getNumCarries();
    return forwardLoop(loop.getBody().front(), loop.getInputs().take_front(n), loop.getInputs().drop_front(n),
                       op->getResults());
  }
  if (auto loop = llvm::dyn_cast<WhileOp>(op))
    return forwardLoop(loop.getBody().front(), loop.getInits(), {}, op->getResults());
  if (auto branches = llvm::dyn_cast<CaseOp>(op)) {
    for (mlir::Region& branch : branches.getBranches()) {
      forward(branch.front());
      for (auto [result, value] : llvm::zip(op->getResults(), branch.front().getTerminator()->getOperands()))
        if (varied(value)) mark(result);
    }
    return;
  }
  if (auto checkpoint = llvm::dyn_cast<CheckpointOp>(op)) {
    Block& body = checkpoint.getBody().front();
    for (auto [argument, input] : llvm::zip(body.getArguments(), checkpoint.getInputs()))
      if (varied(input)) mark(argument);
    forward(body);
    for (auto [result, value] : llvm::zip(op->getResults(), body.getTerminator()->getOperands()))
      if (varied(value)) mark(result);
    return;
  }
  if (!llvm::any_of(op->getOperands(), [&](Value v) { return varied(v); })) return;
  if (op->getNumRegions() == 0 && (!rulesOf(op).differentiable || isLocallyConstant(op))) return;
  for (Value result : op->getResults()) mark(result);
}

void Activity::backward(Block& block, ValueSet& useful) const {
  for (Operation& op : llvm::reverse(block)) backward(&op, useful);
}

void Activity::backward(Operation* op, ValueSet& useful) const {
  auto use = [&](Value v) { return varied(v) && useful.insert(v).second; };
  auto isUseful = [&](Value v) { return useful.contains(v); };
  if (llvm::none_of(op->getResults(), isUseful)) return;
  if (llvm::isa<ForOp, WhileOp>(op)) {
    LoopBody body = loopBody(op);
    auto yields = body.block->getTerminator()->getOperands();
    for (auto [result, value] : llvm::zip(op->getResults(), yields))
      if (isUseful(result)) use(value);
    for (bool changed = true; changed;) {
      changed = false;
      backward(*body.block, useful);
      for (unsigned j = 0; j < body.carries; ++j)
        if (isUseful(body.carry(j))) changed |= use(yields[j]);
    }
    for (auto [k, operand] : llvm::enumerate(op->getOperands()))
      if (isUseful(body.block->getArgument(body.firstCarry + k)) || (k < body.carries && isUseful(op->getResult(k))))
        use(operand);
    return;
  }
  if (auto branches = llvm::dyn_cast<CaseOp>(op)) {
    for (mlir::Region& branch : branches.getBranches()) {
      for (auto [result, value] : llvm::zip(op->getResults(), branch.front().getTerminator()->getOperands()))
        if (isUseful(result)) use(value);
      backward(branch.front(), useful);
    }
    return;
  }
  if (auto checkpoint = llvm::dyn_cast<CheckpointOp>(op)) {
    Block& body = checkpoint.getBody().front();
    for (auto [result, value] : llvm::zip(op->getResults(), body.getTerminator()->getOperands()))
      if (isUseful(result)) use(value);
    backward(body, useful);
    for (auto [argument, input] : llvm::zip(body.getArguments(), checkpoint.getInputs()))
      if (isUseful(argument)) use(input);
    return;
  }
  for (Value operand : op->getOperands()) use(operand);
}

llvm::SmallVector<bool> Activity::activeCarries(Operation* loop, const ValueSet& usefulResults) const {
  ValueSet useful = usefulResults;
  backward(loop, useful);
  LoopBody body = loopBody(loop);
  llvm::SmallVector<bool> active;
  for (unsigned j = 0; j < body.carries; ++j)
    active.push_back(varied(body.carry(j)) && (useful.contains(body.carry(j)) || useful.contains(loop->getResult(j))));
  return active;
}

bool definedInside(Operation* op, Value v) {
  mlir::Region* region = v.getParentRegion();
  for (Operation* parent = region ? region->getParentOp() : nullptr; parent; parent = parent->getParentOp())
    if (parent == op) return true;
  return false;
}

llvm::SetVector<Value> Activity::captured(Operation* op) const {
  llvm::SetVector<Value> values;
  for (mlir::Region& region : op->getRegions())
    region.walk([&](Operation* inner) {
      for (Value v : inner->getOperands())
        if (varied(v) && !definedInside(op, v)) values.insert(v);
    });
  return values;
}

}  // namespace nuthatch::passes
