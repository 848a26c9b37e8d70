// Forward mode of control flow: loops carry tangents beside values, branches yield them, user-given rules are inlined.
#include "passes/autodiff/body.h"
#include "passes/autodiff/forward.h"
#include "passes/autodiff/loops.h"
#include "passes/autodiff/reverse.h"

namespace nuthatch::passes {
using namespace ir;
using mlir::Block;
using mlir::LogicalResult;
using mlir::Operation;
using mlir::Value;

using Values = llvm::SmallVector<Value>;

LogicalResult Forward::visitFor(ForOp loop) {
  mlir::OpBuilder b(loop);
  Lean e(b, loop.getLoc());
  Block& body = loop.getBody().front();
  unsigned carries = loop.getNumCarries(), xs = loop.getInputs().size() - carries;
  Values inputs(loop.getInputs().take_front(carries));
  // Arguments: counter, carries, tangents of carries, xs, tangents of xs.
  llvm::SmallVector<unsigned> withTangent;
  for (unsigned j = 0; j < carries; ++j) {
    Value argument = body.getArgument(1 + j);
    if (!activity.varied(argument)) continue;
    unsigned at = 1 + carries + withTangent.size();
    set(argument, body.insertArgument(at, argument.getType(), argument.getLoc()));
    inputs.push_back(tangentOrZero(e, loop.getInputs()[j]));
    withTangent.push_back(j);
  }
  unsigned firstX = 1 + carries + withTangent.size();
  for (unsigned k = 0; k < xs; ++k) inputs.push_back(loop.getInputs()[carries + k]);
  for (unsigned k = 0; k < xs; ++k) {
    Value t = tangent(loop.getInputs()[carries + k]);
    if (!t) continue;
    Value argument = body.getArgument(firstX + k);
    set(argument, body.addArgument(argument.getType(), argument.getLoc()));
    inputs.push_back(t);
  }
  if (failed(run(body))) return mlir::failure();

  // Yields: carries, tangents of carries, ys, tangents of ys.
  Operation* yield = body.getTerminator();
  Values yields(yield->getOperands()), next(yields.begin(), yields.begin() + carries);
  b.setInsertionPoint(yield);
  for (unsigned j : withTangent) next.push_back(tangentOrZero(e, yields[j]));
  unsigned firstY = next.size();
  next.append(yields.begin() + carries, yields.end());
  llvm::SmallVector<int> tangentOfY(yields.size(), -1);
  for (unsigned k = carries; k < yields.size(); ++k)
    if (Value t = tangent(yields[k])) {
      tangentOfY[k] = int(next.size());
      next.push_back(t);
    }
  yield->setOperands(next);

  ForOp wide = rebuildFor(loop, inputs, carries + withTangent.size(), loop.getReverse());
  Values results(wide.getResults().take_front(carries));
  for (unsigned k = carries; k < yields.size(); ++k) results.push_back(wide.getResult(firstY + k - carries));
  for (auto [n, j] : llvm::enumerate(withTangent)) set(results[j], wide.getResult(carries + n));
  for (unsigned k = carries; k < yields.size(); ++k)
    if (tangentOfY[k] >= 0) set(results[k], wide.getResult(unsigned(tangentOfY[k])));
  replace(loop, results);
  return mlir::success();
}

LogicalResult Forward::visitWhile(WhileOp loop) {
  mlir::OpBuilder b(loop);
  Lean e(b, loop.getLoc());
  Block &body = loop.getBody().front(), &cond = loop.getCond().front();
  unsigned carries = loop.getInits().size();
  Values inits(loop.getInits());
  llvm::SmallVector<unsigned> withTangent;
  for (unsigned j = 0; j < carries; ++j) {
    Value argument = body.getArgument(j);
    if (!activity.varied(argument)) continue;
    set(argument, body.addArgument(argument.getType(), argument.getLoc()));
    cond.addArgument(argument.getType(), argument.getLoc());
    inits.push_back(tangentOrZero(e, loop.getInits()[j]));
    withTangent.push_back(j);
  }
  if (failed(run(body))) return mlir::failure();
  Operation* yield = body.getTerminator();
  Values yields(yield->getOperands());
  b.setInsertionPoint(yield);
  for (unsigned j : withTangent) yields.push_back(tangentOrZero(e, yields[j]));
  yield->setOperands(yields);
  b.setInsertionPoint(loop);
  auto wide = WhileOp::create(b, loop.getLoc(), mlir::ValueRange(inits).getTypes(), loop.getMaxTrip(), inits);
  wide.getCond().takeBody(loop.getCond());
  wide.getBody().takeBody(loop.getBody());
  for (auto [n, j] : llvm::enumerate(withTangent)) set(wide.getResult(j), wide.getResult(carries + n));
  replace(loop, wide.getResults().take_front(carries));
  return mlir::success();
}

LogicalResult Forward::visitCase(CaseOp branches) {
  for (mlir::Region& branch : branches.getBranches())
    if (failed(run(branch.front()))) return mlir::failure();
  mlir::OpBuilder b(branches);
  Lean e(b, branches.getLoc());
  llvm::SmallVector<unsigned> withTangent;
  for (unsigned k = 0; k < branches->getNumResults(); ++k)
    if (llvm::any_of(branches.getBranches(),
                     [&](mlir::Region& r) { return bool(tangent(r.front().getTerminator()->getOperand(k))); }))
      withTangent.push_back(k);
  llvm::SmallVector<mlir::Type> types(branches->getResultTypes());
  for (unsigned k : withTangent) types.push_back(branches->getResult(k).getType());
  for (mlir::Region& branch : branches.getBranches()) {
    Operation* yield = branch.front().getTerminator();
    Values yields(yield->getOperands());
    b.setInsertionPoint(yield);
    for (unsigned k : withTangent) yields.push_back(tangentOrZero(e, yields[k]));
    yield->setOperands(yields);
  }
  b.setInsertionPoint(branches);
  auto wide = CaseOp::create(b, branches.getLoc(), types, branches.getIndex(), branches.getBranches().size());
  for (auto [to, from] : llvm::zip(wide.getBranches(), branches.getBranches())) to.takeBody(from);
  for (auto [n, k] : llvm::enumerate(withTangent)) set(wide.getResult(k), wide.getResult(branches->getNumResults() + n));
  replace(branches, wide.getResults().take_front(branches->getNumResults()));
  return mlir::success();
}

/// The results of an inlined rule as values of their own: a result that is an argument must not give its tangent to it.
static Values ownValues(Lean& e, const InlinedBody& rule, unsigned outputs) {
  Values own;
  for (Value v : llvm::ArrayRef(rule.yields).take_front(outputs)) {
    bool fresh = llvm::is_contained(rule.ops, v.getDefiningOp()) && !llvm::is_contained(own, v);
    own.push_back(fresh ? v : e.Builder::reshape(v, shapeOf(v)));
  }
  return own;
}

LogicalResult Forward::visitCustom(CustomDerivativeOp custom) {
  if (failed(checkCaptures(custom, activity))) return mlir::failure();
  mlir::OpBuilder b(custom);
  Lean e(b, custom.getLoc());
  unsigned outputs = custom->getNumResults();
  Values arguments(custom.getInputs());
  if (int64_t(custom.getNumResiduals()) < 0) {
    for (Value v : custom.getInputs()) arguments.push_back(tangentOrZero(e, v));
    InlinedBody rule = cloneBody(b, custom.getRules()[1], arguments);
    Values results = ownValues(e, rule, outputs);
    for (unsigned k = 0; k < outputs; ++k)
      if (isFloat(results[k])) set(results[k], rule.yields[outputs + k]);
    replace(custom, results);
    return mlir::success();
  }
  // The backward rule g -> J^T g is linear; its transpose is the tangent map t -> J t.
  InlinedBody rule = cloneBody(b, custom.getRules()[1], arguments);
  Values results = ownValues(e, rule, outputs), incoming;
  for (Value v : custom.getInputs()) incoming.push_back(tangent(v));
  auto transposed = transposeRule(b, b, custom.getRules()[2], llvm::ArrayRef(rule.yields).drop_front(outputs), results,
                                  [&](mlir::ValueRange) { return incoming; }, retired);
  if (failed(transposed)) return mlir::failure();
  for (auto [result, t] : llvm::zip(results, transposed->cotangents))
    if (t) set(result, t);
  replace(custom, results);
  return mlir::success();
}

}  // namespace nuthatch::passes
