// Reverse mode of the bounded dynamic loop. The forward loop counts its iterations and writes what the reverse loop needs
// onto tapes with room for max_trip iterations; the reverse loop counts down, so both run only as often as they must.
#include "passes/autodiff/residuals.h"
#include "passes/autodiff/reverse_loop.h"

namespace nuthatch::passes {
using namespace ir;
using mlir::Block;
using mlir::LogicalResult;
using mlir::Operation;
using mlir::Value;
using Values = llvm::SmallVector<Value>;

/// One place of a tape: its start indices, and the value as the block that is stored there.
static Values tapePlace(Lean& e, Value counter, Value tape) {
  Values starts{counter};
  for (size_t d = 1; d < shapeOf(tape).size(); ++d) starts.push_back(e.scalar(0));
  return starts;
}
static llvm::SmallVector<int64_t> blockShape(Value v, int64_t extent) {
  llvm::SmallVector<int64_t> shape{extent};
  shape.append(shapeOf(v).begin(), shapeOf(v).end());
  return shape;
}

/// The forward loop with a count and tapes as further carries.
static WhileOp withTapes(WhileOp loop, llvm::ArrayRef<Residuals::Saved> saved) {
  mlir::Location loc = loop.getLoc();
  mlir::OpBuilder b(loop);
  Lean e(b, loc);
  Values inits(loop.getInits());
  inits.push_back(e.scalar(0));
  for (auto& s : saved)
    inits.push_back(e.zeros(mlir::RankedTensorType::get(blockShape(s.forward, loop.getMaxTrip()), elementType(s.forward))));
  Block &cond = loop.getCond().front(), &body = loop.getBody().front();
  Operation* yield = body.getTerminator();
  Values yields(yield->getOperands());
  b.setInsertionPoint(yield);
  Value counter;
  for (Value init : llvm::ArrayRef(inits).drop_front(loop.getInits().size())) {
    cond.addArgument(init.getType(), loc);
    Value argument = body.addArgument(init.getType(), loc);
    if (!counter) {
      counter = argument;
      yields.push_back(e.Builder::add(counter, e.scalar(1)));
      continue;
    }
    Value stored = saved[yields.size() - loop.getInits().size() - 1].forward;
    yields.push_back(e.dynamicUpdateSlice(argument, e.Builder::reshape(stored, blockShape(stored, 1)),
                                          tapePlace(e, counter, argument)));
  }
  yield->setOperands(yields);
  b.setInsertionPoint(loop);
  auto wide = WhileOp::create(b, loc, mlir::ValueRange(inits).getTypes(), loop.getMaxTrip(), inits);
  wide.getCond().takeBody(loop.getCond());
  wide.getBody().takeBody(loop.getBody());
  return wide;
}

LogicalResult Reverse::visitWhile(WhileOp loop, Cotangents& cotangents, mlir::OpBuilder& b) {
  mlir::Location loc = loop.getLoc();
  Lean e(b, loc);
  if (loop.getMaxTrip() == 0) {  // the identity
    for (auto [init, result] : llvm::zip(loop.getInits(), loop.getResults()))
      if (activity.varied(init)) cotangents.add(e, init, cotangents.take(e, result));
    return mlir::success();
  }
  ReverseLoop reverse(loop, activity, cotangents, b);
  if (!reverse.active()) return mlir::success();
  if (int64_t(loop.getMaxTrip()) < 0)
    return loop->emitError(
        "a while loop is differentiated in reverse mode only if it is bounded; give it a maximal number of iterations, or "
        "use forward mode (jvp)");
  Block& forward = loop.getBody().front();
  unsigned carries = loop.getInits().size();

  mlir::Region region;
  Block& body = region.emplaceBlock();
  mlir::OpBuilder inner(b.getContext());
  inner.setInsertionPointToEnd(&body);
  Lean r(inner, loc);
  Value remaining = body.addArgument(mlir::RankedTensorType::get({}, b.getI64Type()), loc);
  Value position = r.Builder::sub(remaining, r.scalar(1));
  Cotangents local;
  reverse.begin(body, local);
  if (failed(sweep(forward, local, inner))) return mlir::failure();
  Values next = reverse.next(r, local);
  next.insert(next.begin(), position);
  YieldOp::create(inner, loc, next);
  unsigned kept = body.getNumArguments();

  Residuals residuals(loop, body, [](mlir::BlockArgument) { return Value(); });
  auto saved = residuals.resolve(retired);
  WhileOp wide = withTapes(loop, saved);
  // What is read from the tapes stands first, after the position it is read at.
  mlir::OpBuilder top(b.getContext());
  top.setInsertionPointToStart(&body);
  Lean t(top, loc);
  Value place = t.Builder::sub(remaining, t.scalar(1));
  position.replaceAllUsesWith(place);
  for (auto [n, s] : llvm::enumerate(saved)) {
    Value tape = wide.getResult(carries + 1 + n);
    Value block = t.dynamicSlice(tape, tapePlace(t, place, tape), blockShape(s.forward, 1));
    Value(s.reverse).replaceAllUsesWith(t.Builder::reshape(block, shapeOf(s.forward)));
  }
  body.eraseArguments(kept, body.getNumArguments() - kept);

  Values inits = reverse.inits;
  inits.insert(inits.begin(), wide.getResult(carries));
  auto backward = WhileOp::create(b, loc, mlir::ValueRange(inits).getTypes(), loop.getMaxTrip(), inits);
  backward.getBody().takeBody(region);
  Block& cond = backward.getCond().emplaceBlock();
  for (Value init : inits) cond.addArgument(init.getType(), loc);
  mlir::OpBuilder test = mlir::OpBuilder::atBlockEnd(&cond);
  Lean c(test, loc);
  YieldOp::create(test, loc, mlir::ValueRange{c.compare(CompareKind::gt, cond.getArgument(0), c.scalar(0))});
  reverse.end(e, backward.getResults().drop_front());
  replace(loop, wide.getResults().take_front(carries));
  return mlir::success();
}

}  // namespace nuthatch::passes
