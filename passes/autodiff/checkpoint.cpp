// Derivatives of nh.checkpoint. Reverse mode leaves the operation where it is and computes its body once more where the
// cotangents of its results are known; nothing of the first computation is referred to.
#include <mlir/IR/IRMapping.h>
#include <mlir/IR/Matchers.h>

#include "passes/autodiff/body.h"
#include "passes/autodiff/forward.h"
#include "passes/autodiff/reverse.h"

namespace nuthatch::passes {
using namespace ir;
using mlir::LogicalResult;
using mlir::Operation;
using mlir::Value;
using Values = llvm::SmallVector<Value>;

/// Values the second computation reads from outside: what is differentiated, and integers (keys of random numbers, whose
/// bits would be kept). Data stay as they are: work on data alone is no residual of a derivative, and happens once.
static Values readFromOutside(CheckpointOp op, const Activity& activity) {
  llvm::SetVector<Value> values(op.getInputs().begin(), op.getInputs().end());
  op.getBody().walk([&](Operation* inner) {
    for (Value v : inner->getOperands())
      if (!definedInside(op, v)) values.insert(v);
  });
  return llvm::to_vector(llvm::make_filter_range(values, [&](Value v) {
    return activity.varied(v) || (!isFloat(v) && !mlir::matchPattern(v, mlir::m_Constant()));
  }));
}

// Were the second computation to read what the first has read, it would merge with the first one or move in front of it,
// and everything would be kept after all. It reads barriers, which wait for the cotangents.
LogicalResult Reverse::visitCheckpoint(CheckpointOp op, Cotangents& cotangents, mlir::OpBuilder& b) {
  Lean e(b, op.getLoc());
  Values incoming, known;
  for (Value result : op->getResults()) {
    incoming.push_back(cotangents.take(e, result));
    if (incoming.back()) known.push_back(incoming.back());
  }
  if (known.empty()) return mlir::success();

  llvm::SmallVector<Operation*> ops;
  mlir::IRMapping map;
  for (Value v : readFromOutside(op, activity)) {
    Values operands{v};
    operands.append(known);
    ops.push_back(e.op("barrier", operands));
    map.map(v, ops.back()->getResult(0));
  }
  Values arguments;
  for (Value v : op.getInputs()) arguments.push_back(map.lookupOrDefault(v));
  InlinedBody again = cloneAgain(b, op.getBody(), arguments);
  for (Operation* inner : again.ops)
    inner->walk([&](Operation* user) {
      for (mlir::OpOperand& use : user->getOpOperands())
        if (Value barrier = map.lookupOrNull(use.get())) use.set(barrier);
    });
  for (Value& v : again.yields) v = map.lookupOrDefault(v);
  ops.append(again.ops.begin(), again.ops.end());
  for (Operation* inner : ops) activity.forward(inner);
  for (auto [value, g] : llvm::zip(again.yields, incoming))
    if (g && activity.varied(value)) cotangents.add(e, value, g);
  return sweep(ops, cotangents, b);
}

/// Forward mode keeps nothing: the body goes where the operation stands.
LogicalResult Forward::visitCheckpoint(CheckpointOp op) {
  mlir::OpBuilder b(op);
  InlinedBody body = cloneBody(b, op.getBody(), op.getInputs());
  for (Operation* inner : body.ops) activity.forward(inner);
  // What the body yields may be replaced when its operations are visited.
  auto keep = YieldOp::create(b, op.getLoc(), body.yields);
  if (failed(run(body.ops))) return mlir::failure();
  Values results(keep->getOperands());
  keep->erase();
  replace(op, results);
  return mlir::success();
}

}  // namespace nuthatch::passes
