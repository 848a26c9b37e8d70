#include "passes/autodiff/reverse_loop.h"

namespace nuthatch::passes {
using namespace ir;
using mlir::Block;
using mlir::Operation;
using mlir::Value;

/// True when the next value of carry j is the carry plus or minus other things, and nothing else uses the carry.
static bool onlySumsUp(const LoopBody& body, unsigned j) {
  Value v = body.next(j);
  while (v != body.carry(j)) {
    auto op = v.getDefiningOp<BinaryOp>();
    if (!op || op->getBlock() != body.block || !v.hasOneUse()) return false;
    // Follow the operand that leads back to the carry: a single use, an addition chain.
    auto leads = [&](Value x) { return x == body.carry(j) || (x.hasOneUse() && x.getDefiningOp<BinaryOp>()); };
    if (op.getKind() == BinaryKind::add && op.getA() != op.getB()) {
      bool left = leads(op.getA()), right = leads(op.getB());
      if (op.getA() == body.carry(j)) right = false;
      if (op.getB() == body.carry(j)) left = false;
      if (!left && !right) return false;
      v = left ? op.getA() : op.getB();
    } else if (op.getKind() == BinaryKind::sub && op.getA() != op.getB()) {
      v = op.getA();
    } else {
      return false;
    }
  }
  return v.hasOneUse();
}

ReverseLoop::ReverseLoop(Operation* loop, const Activity& activity, Cotangents& outer, mlir::OpBuilder& b)
    : loop(loop), activity(activity), outer(outer), forward(loopBody(loop)) {
  Lean e(b, loop->getLoc());
  for (Value result : loop->getResults()) {
    incoming_.push_back(activity.varied(result) ? outer.take(e, result) : Value());
    if (incoming_.back()) useful.insert(result);
  }
  if (useful.empty()) return;
  activity.backward(loop, useful);
  for (unsigned j = 0; j < forward.carries; ++j) {
    if (!activity.varied(forward.carry(j)) || !(useful.contains(forward.carry(j)) || incoming_[j])) continue;
    if (incoming_[j] && onlySumsUp(forward, j)) {
      constant.push_back(j);
      continue;
    }
    carried.push_back(j);
    inits.push_back(e.orZero(incoming_[j], loop->getResult(j)));
  }
  for (Value v : activity.captured(loop)) {
    if (!useful.contains(v)) continue;
    captured.push_back(v);
    inits.push_back(e.orZero(outer.get(e, v), v));
  }
}

void ReverseLoop::begin(Block& body, Cotangents& local) {
  mlir::Location loc = loop->getLoc();
  mlir::OpBuilder b(loop->getContext());
  Lean e(b, loc);
  llvm::SmallVector<Value> carriedArguments;
  for (unsigned j : carried) carriedArguments.push_back(body.addArgument(forward.carry(j).getType(), loc));
  for (Value v : captured) local.set(v, body.addArgument(v.getType(), loc), true);
  b.setInsertionPointToEnd(&body);
  for (auto [j, g] : llvm::zip(carried, carriedArguments))
    if (activity.varied(forward.next(j))) local.add(e, forward.next(j), g);
  for (unsigned j : constant) local.add(e, forward.next(j), incoming_[j]);
}

llvm::SmallVector<Value> ReverseLoop::next(Lean& e, Cotangents& local) {
  llvm::SmallVector<Value> values;
  for (unsigned j : carried) values.push_back(e.orZero(local.take(e, forward.carry(j)), forward.carry(j)));
  for (Value v : captured) values.push_back(local.get(e, v));
  return values;
}

void ReverseLoop::end(Lean& e, mlir::ValueRange results) {
  for (auto [v, sum] : llvm::zip(captured, results.drop_front(carried.size()))) outer.set(v, sum);
  auto give = [&](unsigned j, Value g) {
    if (activity.varied(loop->getOperand(j))) outer.add(e, loop->getOperand(j), g);
  };
  for (auto [j, g] : llvm::zip(carried, results)) give(j, g);
  for (unsigned j : constant) give(j, incoming_[j]);
}

}  // namespace nuthatch::passes
