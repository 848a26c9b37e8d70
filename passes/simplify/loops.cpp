// Loops carry, slice and stack only what matters.
#include "ir/ops/batching_support.h"
#include "ir/ops/builder.h"
#include "passes/simplify/control.h"
#include "passes/simplify/liveness.h"

namespace nuthatch::passes {

using namespace ir;
using llvm::SmallVector;
using mlir::Block;
using mlir::Value;

namespace {

mlir::OperandRange yields(Block& block) { return block.getTerminator()->getOperands(); }
bool inside(mlir::Operation* op, Value v) { return op->isAncestor(v.getParentBlock()->getParentOp()); }

bool replace(Value from, Value to) {
  if (from.use_empty()) return false;
  from.replaceAllUsesWith(to);
  return true;
}

/// Element i of a stack.
Value slabAt(Builder& b, Value stack, int64_t i) {
  auto shape = shapeOf(stack);
  SmallVector<int64_t> start(shape.size(), 0), limit(shape), stride(shape.size(), 1);
  start[0] = i;
  limit[0] = i + 1;
  return b.reshape(b.slice(stack, start, limit, stride), shape.drop_front());
}

void inlineOnce(ForOp op) {
  mlir::OpBuilder at(op);
  Builder b(at, op.getLoc());
  Block& body = op.getBody().front();
  body.getArgument(0).replaceAllUsesWith(b.scalar(0));
  for (auto [k, input] : llvm::enumerate(op.getInputs()))
    body.getArgument(unsigned(k) + 1).replaceAllUsesWith(k < op.getNumCarries() ? Value(input) : slabAt(b, input, 0));
  SmallVector<Value> results(yields(body));
  body.getTerminator()->erase();
  op->getBlock()->getOperations().splice(op->getIterator(), body.getOperations());
  for (size_t k = op.getNumCarries(); k < results.size(); ++k)
    results[k] = b.reshape(results[k], batching::prepend(1, shapeOf(results[k])));
  op->replaceAllUsesWith(results);
  op.erase();
}

void removeEmpty(ForOp op) {
  mlir::OpBuilder at(op);
  Builder b(at, op.getLoc());
  for (auto [k, result] : llvm::enumerate(op.getResults()))
    result.replaceAllUsesWith(k < op.getNumCarries() ? op.getInputs()[k] : b.zeros(result.getType()));
  op.erase();
}

/// Carries that keep their first value; carries equal to others.
bool resolveCarries(mlir::Operation* op, unsigned carries, llvm::ArrayRef<Block*> blocks, unsigned firstArgument) {
  bool changed = false;
  Block& body = *blocks.back();
  for (unsigned k = 0; k < carries; ++k) {
    Value init = op->getOperand(k), next = yields(body)[k], argument = body.getArgument(firstArgument + k);
    if (next == argument || next == init) {
      for (Block* block : blocks) changed |= replace(block->getArgument(firstArgument + k), init);
      changed |= replace(op->getResult(k), init);
      continue;
    }
    for (unsigned j = 0; j < k; ++j) {
      if (op->getOperand(j) != init || yields(body)[j] != next) continue;
      for (Block* block : blocks) changed |= replace(block->getArgument(firstArgument + k), block->getArgument(firstArgument + j));
      changed |= replace(op->getResult(k), op->getResult(j));
    }
  }
  return changed;
}

bool resolveStacks(ForOp op) {
  bool changed = false;
  mlir::OpBuilder at(op);
  Builder b(at, op.getLoc());
  Block& body = op.getBody().front();
  unsigned carries = op.getNumCarries();
  for (unsigned k = carries; k < op.getInputs().size(); ++k) {
    Value argument = body.getArgument(k + 1), input = op.getInputs()[k];
    auto repeated = input.getDefiningOp<BroadcastOp>();
    if (repeated && !llvm::is_contained(repeated.getDims(), 0) && !argument.use_empty()) {
      SmallVector<int64_t> dims(repeated.getDims());
      for (int64_t& d : dims) --d;
      auto inner = mlir::OpBuilder::atBlockBegin(&body);
      Builder ib(inner, op.getLoc());
      changed |= replace(argument, ib.broadcast(repeated.getX(), shapeOf(argument), dims));
    }
    for (unsigned j = carries; j < k; ++j)
      if (op.getInputs()[j] == input) changed |= replace(argument, body.getArgument(j + 1));
  }
  for (unsigned k = carries; k < op.getNumResults(); ++k) {
    Value v = yields(body)[k], result = op.getResult(k);
    if (result.use_empty()) continue;
    auto argument = mlir::dyn_cast<mlir::BlockArgument>(v);
    if (argument && argument.getOwner() == &body && argument.getArgNumber() > carries) {
      changed |= replace(result, op.getInputs()[argument.getArgNumber() - 1]);
    } else if (!inside(op, v)) {
      auto shape = batching::prepend(int64_t(op.getTrip()), shapeOf(v));
      changed |= replace(result, b.broadcast(v, shape, batching::range(1, int64_t(shape.size()))));
    } else {
      for (unsigned j = carries; j < k; ++j)
        if (yields(body)[j] == v) changed |= replace(result, op.getResult(j));
    }
  }
  return changed;
}

void eraseYields(Block& block, llvm::ArrayRef<bool> keep) {
  for (int k = int(keep.size()) - 1; k >= 0; --k)
    if (!keep[size_t(k)]) block.getTerminator()->eraseOperand(unsigned(k));
}
void eraseArguments(Block& block, unsigned first, llvm::ArrayRef<bool> keep) {
  for (int k = int(keep.size()) - 1; k >= 0; --k)
    if (!keep[size_t(k)]) block.eraseArgument(first + unsigned(k));
}
template <class Range> SmallVector<Value> kept(Range values, llvm::ArrayRef<bool> keep) {
  SmallVector<Value> out;
  for (auto [v, k] : llvm::zip_equal(values, keep))
    if (k) out.push_back(v);
  return out;
}
void replaceResults(mlir::Operation* from, mlir::Operation* to, llvm::ArrayRef<bool> keep) {
  unsigned next = 0;
  for (auto [result, k] : llvm::zip_equal(from->getResults(), keep))
    if (k) result.replaceAllUsesWith(to->getResult(next++));
}

bool dropDead(ForOp op) {
  Block& body = op.getBody().front();
  unsigned carries = op.getNumCarries();
  Liveness live(body);
  SmallVector<bool> results(op.getNumResults(), false);
  bool again = true;
  while (again) {
    again = false;
    for (unsigned k = 0; k < results.size(); ++k) {
      bool wanted = !op.getResult(k).use_empty() || (k < carries && live.wanted(body.getArgument(k + 1)));
      if (results[k] || !wanted) continue;
      again = results[k] = true;
      live.want(yields(body)[k]);
    }
  }
  SmallVector<bool> inputs(results.begin(), results.begin() + carries);
  for (unsigned k = carries; k < op.getInputs().size(); ++k) inputs.push_back(live.wanted(body.getArgument(k + 1)));
  if (!llvm::is_contained(results, false) && !llvm::is_contained(inputs, false)) return false;

  eraseYields(body, results);
  eraseDeadOps(op.getBody());
  eraseArguments(body, 1, inputs);
  SmallVector<Value> values = kept(op.getInputs(), inputs);
  SmallVector<mlir::Type> types;
  for (Value r : kept(op.getResults(), results)) types.push_back(r.getType());
  mlir::OpBuilder at(op);
  auto slim = ForOp::create(at, op.getLoc(), types, op.getTrip(), uint64_t(llvm::count(llvm::ArrayRef(results).take_front(carries), true)),
                            op.getReverse(), values);
  slim->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  slim.getBody().takeBody(op.getBody());
  replaceResults(op, slim, results);
  op.erase();
  return true;
}

bool dropDead(WhileOp op) {
  Block &cond = op.getCond().front(), &body = op.getBody().front();
  Liveness condLive(cond), bodyLive(body);
  condLive.want(yields(cond)[0]);
  SmallVector<bool> keep(op.getNumResults(), false);
  bool again = true;
  while (again) {
    again = false;
    for (unsigned k = 0; k < keep.size(); ++k) {
      bool wanted = !op.getResult(k).use_empty() || condLive.wanted(cond.getArgument(k)) || bodyLive.wanted(body.getArgument(k));
      if (keep[k] || !wanted) continue;
      again = keep[k] = true;
      bodyLive.want(yields(body)[k]);
    }
  }
  if (!llvm::is_contained(keep, false)) return false;
  eraseYields(body, keep);
  eraseDeadOps(op.getBody());
  eraseDeadOps(op.getCond());
  eraseArguments(cond, 0, keep);
  eraseArguments(body, 0, keep);
  SmallVector<Value> inits = kept(op.getInits(), keep);
  mlir::OpBuilder at(op);
  auto slim = WhileOp::create(at, op.getLoc(), mlir::ValueRange(inits).getTypes(), op.getMaxTripAttr(), inits);
  slim->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  slim.getCond().takeBody(op.getCond());
  slim.getBody().takeBody(op.getBody());
  replaceResults(op, slim, keep);
  op.erase();
  return true;
}

}  // namespace

bool simplifyFor(ForOp op) {
  if (mlir::isOpTriviallyDead(op)) return op.erase(), true;
  if (op.getTrip() == 0) return removeEmpty(op), true;
  if (op.getTrip() == 1) return inlineOnce(op), true;
  Block* body = &op.getBody().front();
  bool changed = resolveCarries(op, op.getNumCarries(), {body}, 1);
  changed |= resolveStacks(op);
  return dropDead(op) || changed;
}

bool simplifyWhile(WhileOp op) {
  if (mlir::isOpTriviallyDead(op)) return op.erase(), true;
  bool changed = resolveCarries(op, op.getNumResults(), {&op.getCond().front(), &op.getBody().front()}, 0);
  return dropDead(op) || changed;
}

}  // namespace nuthatch::passes
