#include <mlir/IR/Matchers.h>

#include "passes/autodiff/autodiff.h"
#include "passes/autodiff/body.h"
#include "passes/autodiff/loops.h"
#include "passes/autodiff/reverse.h"

namespace nuthatch::passes {
using namespace ir;
using mlir::LogicalResult;
using mlir::Operation;
using mlir::Value;

LogicalResult Reverse::sweep(llvm::ArrayRef<Operation*> ops, Cotangents& cotangents, mlir::OpBuilder& b) {
  for (Operation* op : llvm::reverse(ops))
    if (activity.varied(op) && failed(visit(op, cotangents, b))) return mlir::failure();
  return mlir::success();
}

LogicalResult Reverse::sweep(mlir::Block& block, Cotangents& cotangents, mlir::OpBuilder& b) {
  llvm::SmallVector<Operation*> ops;
  for (Operation& op : block.without_terminator()) ops.push_back(&op);
  return sweep(ops, cotangents, b);
}

void Reverse::replace(Operation* old, mlir::ValueRange results) {
  for (auto [before, after] : llvm::zip(old->getResults(), results)) before.replaceAllUsesWith(after);
  old->remove();
  retired.push_back(old);
}

/// Start indices of a slice with unit strides whose place is known; null list otherwise.
static std::optional<llvm::SmallVector<int64_t>> staticStart(Operation* op) {
  if (auto slice = llvm::dyn_cast<SliceOp>(op)) {
    if (llvm::any_of(slice.getStride(), [](int64_t s) { return s != 1; })) return std::nullopt;
    return llvm::SmallVector<int64_t>(slice.getStart());
  }
  auto slice = llvm::dyn_cast<DynamicSliceOp>(op);
  if (!slice) return std::nullopt;
  llvm::SmallVector<int64_t> starts;
  for (auto [d, start] : llvm::enumerate(slice.getStarts())) {
    int64_t last = shapeOf(slice.getX())[d] - slice.getSizes()[d];
    llvm::APInt literal;
    if (last != 0 && !mlir::matchPattern(start, mlir::m_ConstantInt(&literal))) return std::nullopt;
    starts.push_back(last == 0 ? 0 : std::clamp(literal.getSExtValue(), int64_t(0), last));
  }
  return starts;
}

LogicalResult Reverse::visit(Operation* op, Cotangents& cotangents, mlir::OpBuilder& b) {
  if (auto loop = llvm::dyn_cast<ForOp>(op)) return visitFor(loop, cotangents, b);
  if (auto loop = llvm::dyn_cast<WhileOp>(op)) return visitWhile(loop, cotangents, b);
  if (auto branches = llvm::dyn_cast<CaseOp>(op)) return visitCase(branches, cotangents, b);
  if (auto custom = llvm::dyn_cast<CustomDerivativeOp>(op)) return visitCustom(custom, cotangents, b);
  if (auto checkpoint = llvm::dyn_cast<CheckpointOp>(op)) return visitCheckpoint(checkpoint, cotangents, b);

  Lean e(b, op->getLoc());
  llvm::SmallVector<Value> incoming;
  for (Value result : op->getResults()) incoming.push_back(cotangents.take(e, result));
  if (llvm::none_of(incoming, [](Value g) { return bool(g); })) return mlir::success();
  if (auto start = staticStart(op)) {
    cotangents.addSlice(e, op->getOperand(0), *start, incoming[0]);
    return mlir::success();
  }
  if (llvm::isa<DynamicSliceOp, GatherOp>(op)) {
    cotangents.addIndexed(e, op, incoming[0]);
    return mlir::success();
  }
  const OpRules& rules = rulesOf(op);
  if (!rules.vjp) return op->emitOpError("has no derivative");
  llvm::SmallVector<bool> needed;
  for (Value v : op->getOperands()) needed.push_back(activity.varied(v));
  Derivatives outgoing = rules.vjp(e, op, op->getOperands(), op->getResults(), incoming, needed);
  if (outgoing.empty()) return mlir::failure();  // the rule has said why
  for (auto [k, g] : llvm::enumerate(outgoing))
    if (g && needed[k]) cotangents.add(e, op->getOperand(k), g);
  return mlir::success();
}

LogicalResult checkCaptures(CustomDerivativeOp op, const Activity& activity) {
  if (activity.captured(op).empty()) return mlir::success();
  return op->emitError(
      "a function with its own derivative rule uses a value from outside that is being differentiated; pass the value "
      "as an argument");
}

mlir::FailureOr<TransposedRule> transposeRule(
    mlir::OpBuilder& forward, mlir::OpBuilder& reverse, mlir::Region& rule, mlir::ValueRange arguments,
    mlir::ValueRange linear, llvm::function_ref<llvm::SmallVector<Value>(mlir::ValueRange yields)> cotangentsOf,
    llvm::SmallVectorImpl<Operation*>& retired) {
  mlir::Location loc = rule.getLoc();
  Lean e(forward, loc);
  llvm::SmallVector<Value> all(arguments), placeholders;
  Activity activity;
  for (Value v : linear) {
    placeholders.push_back(e.zeros(v.getType()));
    if (isFloat(v)) activity.seed(placeholders.back());
  }
  all.append(placeholders);
  InlinedBody inlined = cloneBody(forward, rule, all);
  for (Operation* op : inlined.ops) activity.forward(op);
  Lean r(reverse, loc);
  Cotangents cotangents;
  llvm::SmallVector<Value> incoming = cotangentsOf(inlined.yields);
  auto outputs = llvm::ArrayRef(inlined.yields).take_back(incoming.size());
  for (auto [value, g] : llvm::zip(outputs, incoming))
    if (g && activity.varied(value)) cotangents.add(r, value, g);
  // Replaced operations inside the rule may be what it yields.
  auto keep = YieldOp::create(forward, loc, inlined.yields);
  if (failed(Reverse(activity, retired).sweep(inlined.ops, cotangents, reverse))) return mlir::failure();
  TransposedRule out;
  out.yields.assign(keep->operand_begin(), keep->operand_end());
  keep->erase();
  for (Value placeholder : placeholders) out.cotangents.push_back(cotangents.get(r, placeholder));
  return out;
}

LogicalResult expandVjp(VjpOp op) {
  unsigned primals = op.getNumPrimals();
  mlir::Block& block = op.getBody().front();
  auto analysed = [&] {
    Activity activity;
    for (int64_t k : op.getWrt()) activity.seed(block.getArgument(k));
    activity.forward(block);
    return activity;
  };
  prepareLoops(block, analysed());
  Activity activity = analysed();
  Expansion expansion(op, op.getBody());
  mlir::OpBuilder b(op);
  Lean e(b, op.getLoc());
  Cotangents cotangents;
  for (auto [value, g] : llvm::zip(expansion.yields(), op.getInputs().drop_front(primals)))
    if (activity.varied(value) && splatValue(g) != 0.0) cotangents.add(e, value, g);
  llvm::SmallVector<Operation*> retired;
  if (failed(Reverse(activity, retired).sweep(expansion.ops, cotangents, b)))
    return Expansion::abandon(retired);
  llvm::SmallVector<Value> results = expansion.yields();
  for (int64_t k : op.getWrt()) results.push_back(e.orZero(cotangents.get(e, block.getArgument(k)), block.getArgument(k)));
  expansion.finish(op.getInputs().take_front(primals), results, retired);
  return mlir::success();
}

}  // namespace nuthatch::passes
