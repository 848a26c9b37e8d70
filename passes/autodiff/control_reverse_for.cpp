// Reverse mode of the static loop: a loop in the other direction. What it needs of an iteration it computes again or
// reads from stacks that the forward loop now also yields.
#include "passes/autodiff/loops.h"
#include "passes/autodiff/residuals.h"
#include "passes/autodiff/reverse_loop.h"

namespace nuthatch::passes {
using namespace ir;
using mlir::Block;
using mlir::LogicalResult;
using mlir::Operation;
using mlir::Value;
using Values = llvm::SmallVector<Value>;

LogicalResult Reverse::visitFor(ForOp loop, Cotangents& cotangents, mlir::OpBuilder& b) {
  mlir::Location loc = loop.getLoc();
  Lean e(b, loc);
  ReverseLoop reverse(loop, activity, cotangents, b);
  if (!reverse.active()) return mlir::success();
  Block& forward = loop.getBody().front();
  unsigned carries = loop.getNumCarries(), xs = loop.getInputs().size() - carries;
  Value counter = forward.getArgument(0);

  mlir::Region region;
  Block& body = region.emplaceBlock();
  mlir::OpBuilder inner(b.getContext());
  inner.setInsertionPointToEnd(&body);
  Lean r(inner, loc);
  body.addArgument(counter.getType(), loc);
  Cotangents local;
  reverse.begin(body, local);
  llvm::DenseMap<Value, Value> stackOf;  // argument of the reverse body -> stacked input
  Operation* yield = forward.getTerminator();
  for (unsigned k = carries; k < yield->getNumOperands(); ++k) {
    if (!reverse.incoming(k)) continue;
    Value slice = body.addArgument(yield->getOperand(k).getType(), loc);
    stackOf[slice] = reverse.incoming(k);
    local.add(r, yield->getOperand(k), slice);
  }
  if (failed(sweep(forward, local, inner))) return mlir::failure();

  Values next = reverse.next(r, local);
  unsigned reverseCarries = next.size();
  llvm::SmallVector<unsigned> xsWithCotangent;
  for (unsigned k = 0; k < xs; ++k) {
    Value g = local.take(r, forward.getArgument(1 + carries + k));
    if (!g || !activity.varied(loop.getInputs()[carries + k])) continue;
    next.push_back(g);
    xsWithCotangent.push_back(k);
  }
  YieldOp::create(inner, loc, next);

  // Values of the forward iteration.
  llvm::DenseMap<Value, Value> readAgain;
  Residuals residuals(loop, body, [&](mlir::BlockArgument argument) -> Value {
    unsigned n = argument.getArgNumber();
    if (n == 0) return body.getArgument(0);
    if (n <= carries) return {};
    Value& slice = readAgain[argument];
    if (!slice) {
      slice = body.addArgument(argument.getType(), loc);
      stackOf[slice] = loop.getInputs()[n - 1];
    }
    return slice;
  });
  auto saved = residuals.resolve(retired);
  Operation* done = loop;
  if (!saved.empty()) {
    unsigned before = yield->getNumOperands();
    Values yields(yield->getOperands());
    for (auto& s : saved) yields.push_back(s.forward);
    yield->setOperands(yields);
    ForOp wide = rebuildFor(loop, loop.getInputs(), carries, loop.getReverse());
    for (auto [n, s] : llvm::enumerate(saved)) stackOf[s.reverse] = wide.getResult(before + n);
    done = wide;
  }

  Values inputs = reverse.inits;
  llvm::SmallVector<mlir::BlockArgument> unused;
  for (unsigned n = 1 + reverseCarries; n < body.getNumArguments(); ++n) {
    if (body.getArgument(n).use_empty())
      unused.push_back(body.getArgument(n));
    else
      inputs.push_back(stackOf[body.getArgument(n)]);
  }
  for (mlir::BlockArgument argument : llvm::reverse(unused)) body.eraseArgument(argument.getArgNumber());
  llvm::SmallVector<mlir::Type> types(mlir::ValueRange(reverse.inits).getTypes());
  for (unsigned k : xsWithCotangent) types.push_back(loop.getInputs()[carries + k].getType());
  auto backward = ForOp::create(b, loc, types, loop.getTrip(), reverseCarries, !loop.getReverse(), inputs);
  backward.getBody().takeBody(region);
  reverse.end(e, backward.getResults().take_front(reverseCarries));
  for (auto [n, k] : llvm::enumerate(xsWithCotangent))
    cotangents.add(e, loop.getInputs()[carries + k], backward.getResult(reverseCarries + n));
  if (done != loop) replace(loop, done->getResults().take_front(loop->getNumResults()));
  return mlir::success();
}

}  // namespace nuthatch::passes
