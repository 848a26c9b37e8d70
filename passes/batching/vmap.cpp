#include "ir/ops/batching_support.h"
#include "passes/batching/batcher.h"
#include "passes/batching/batching.h"
#include "passes/loops/lane_masking.h"

namespace nuthatch::passes {

using namespace ir;
using llvm::SmallVector;
using mlir::failed;
using mlir::failure;
using mlir::LogicalResult;
using mlir::Operation;
using mlir::success;
using mlir::Value;

Value Batcher::get(Builder& b, Value original, bool wanted) const {
  Value v = get(original);
  return wanted && !mapped(original) ? batching::spread(b, v, false, size) : v;
}

mlir::Type Batcher::batchedType(Value original) const {
  if (!mapped(original)) return original.getType();
  return mlir::RankedTensorType::get(batching::prepend(size, shapeOf(original)), elementType(original));
}

LogicalResult Batcher::emit(mlir::OpBuilder& at, mlir::Block& block) {
  for (Operation& op : block.without_terminator())
    if (failed(emitOp(at, &op))) return failure();
  return success();
}

LogicalResult Batcher::emitOp(mlir::OpBuilder& at, Operation* op) {
  if (auto o = mlir::dyn_cast<ForOp>(op)) return emitFor(at, o);
  if (auto o = mlir::dyn_cast<WhileOp>(op)) return emitWhile(at, o);
  if (auto o = mlir::dyn_cast<CaseOp>(op)) return emitCase(at, o);
  if (auto o = mlir::dyn_cast<CustomDerivativeOp>(op)) return emitCustomDerivative(at, o);
  if (auto o = mlir::dyn_cast<CheckpointOp>(op)) return emitCheckpoint(at, o);
  if (!variance.anyVaries(op->getOperands())) {
    at.clone(*op, values);
    return success();
  }
  Builder b(at, op->getLoc());
  if (mlir::isa<LaneAnyOp>(op)) {
    bind(op->getResult(0), b.reduce(ReduceKind::any, get(op->getOperand(0)), {0}));
    return success();
  }
  BatchRule rule = rulesOf(op).batch;
  if (!rule) return op->emitError() << op->getName().stripDialect() << " cannot be mapped by vmap";
  SmallVector<Value> operands;
  SmallVector<bool> flags;
  for (Value v : op->getOperands()) {
    operands.push_back(get(v));
    flags.push_back(mapped(v));
  }
  for (auto [original, batched] : llvm::zip_equal(op->getResults(), rule(b, op, operands, flags, size))) bind(original, batched);
  return success();
}

LogicalResult expandVmap(VmapOp op) {
  mlir::Block& body = op.getBody().front();
  SmallVector<bool> flags;
  for (int64_t axis : op.getInAxes()) flags.push_back(axis >= 0);
  if (failed(maskLanes(body, flags))) return failure();

  LaneVariance variance(body, flags);
  Batcher batcher(variance, int64_t(op.getSize()));
  mlir::OpBuilder at(op);
  Builder b(at, op.getLoc());
  for (auto [argument, input, axis] : llvm::zip(body.getArguments(), op.getInputs(), op.getInAxes()))
    batcher.bind(argument, axis < 0 ? input : batching::toFront(b, input, axis));
  if (failed(batcher.emit(at, body))) return failure();
  SmallVector<Value> results;
  for (Value v : body.getTerminator()->getOperands()) results.push_back(batcher.get(b, v, true));
  op->replaceAllUsesWith(results);
  op.erase();
  return success();
}

}  // namespace nuthatch::passes
