#include "passes/loops/lane_masking.h"

#include <mlir/IR/IRMapping.h>

#include "passes/loops/lane_variance.h"
#include "passes/loops/mask.h"

namespace nuthatch::passes {
namespace {

using namespace ir;
using llvm::SmallVector;
using mlir::Block;
using mlir::Operation;
using mlir::Region;
using mlir::Value;
using mlir::ValueRange;

ValueRange yields(Block& block) { return block.getTerminator()->getOperands(); }

class LaneMasker {
 public:
  explicit LaneMasker(LaneVariance variance) : variance(std::move(variance)) {}

  /// Converts the operations of a block that runs for the lanes of `mask` (null: all).
  void convert(Block& block, Value mask) {
    for (Operation& op : llvm::make_early_inc_range(block)) convert(&op, mask);
  }

 private:
  void convert(Operation*, Value mask);
  void convertFor(ForOp, Value mask);
  void convertUniformWhile(WhileOp, Value mask);
  void convertVaryingWhile(WhileOp, Value mask);
  void convertUniformCase(CaseOp, Value mask);
  void convertVaryingCase(CaseOp, Value mask);
  void convertCustomDerivative(CustomDerivativeOp);
  void convertReport(ReportOp, Value mask);

  Value branchMask(Builder&, CaseOp, unsigned branch, Value mask);
  SmallVector<Value> startingValues(CaseOp, llvm::ArrayRef<Value> branchMasks);
  void runBranchIfAny(CaseOp, Region& branch, Value branchMask, llvm::ArrayRef<Value> start,
                      llvm::MutableArrayRef<Value> current);
  /// Inlines a copy of a block, converts it under the mask and returns what it yields.
  SmallVector<Value> inlineCopy(mlir::OpBuilder&, Block&, ValueRange arguments, Value mask);

  LaneVariance variance;
  Masks masks;
};

bool definedInside(Operation* op, Value v) { return op->isAncestor(v.getParentBlock()->getParentOp()); }
Value logicalNot(Builder& b, Value x) { return b.unary(UnaryKind::logical_not, x); }
Value anyLane(Builder& b, Value mask) { return b.one("lane_any", mask); }

void LaneMasker::convert(Operation* op, Value mask) {
  if (auto emit = mlir::dyn_cast<EmitOp>(op)) {
    if (!mask) return;
    mlir::OpBuilder at(op);
    Builder b(at, op->getLoc());
    emit.getMaskMutable().assign(masks.both(b, mask, emit.getMask()));
  } else if (auto report = mlir::dyn_cast<ReportOp>(op)) {
    convertReport(report, mask);
  } else if (auto choice = mlir::dyn_cast<SelectOp>(op)) {
    Value blocks = selectBlocks(choice);
    if (!blocks) return;
    SmallVector<Operation*> dead{op};
    for (Value v : {choice.getA(), choice.getB()})
      while (auto update = v.getDefiningOp<DynamicUpdateSliceOp>()) {
        if (!v.hasOneUse()) break;
        dead.push_back(update);
        v = update.getX();
      }
    if (variance.varies(choice.getResult())) variance.mark(blocks);
    choice.getResult().replaceAllUsesWith(blocks);
    for (Operation* o : dead)
      if (o->use_empty()) o->erase();
  } else if (auto loop = mlir::dyn_cast<ForOp>(op)) {
    convertFor(loop, mask);
  } else if (auto loop = mlir::dyn_cast<WhileOp>(op)) {
    bool varying = variance.varies(yields(loop.getCond().front())[0]);
    varying ? convertVaryingWhile(loop, mask) : convertUniformWhile(loop, mask);
  } else if (auto branch = mlir::dyn_cast<CaseOp>(op)) {
    variance.varies(branch.getIndex()) ? convertVaryingCase(branch, mask) : convertUniformCase(branch, mask);
  } else if (auto custom = mlir::dyn_cast<CustomDerivativeOp>(op)) {
    convertCustomDerivative(custom);
  } else if (auto checkpoint = mlir::dyn_cast<CheckpointOp>(op)) {
    convert(checkpoint.getBody().front(), mask);
  }
}

/// Reports where the mask holds too.
void LaneMasker::convertReport(ReportOp op, Value mask) {
  if (!mask) return;
  mlir::OpBuilder at(op);
  Builder b(at, op.getLoc());
  Value own = op.getMask();
  Value everywhere = shapeOf(own).empty() ? mask : b.spread(mask, shapeOf(own));
  Value both = b.binary(BinaryKind::and_, everywhere, own);
  if (variance.varies(mask) || variance.varies(own))
    for (Value v : {everywhere, both}) variance.mark(v);
  op.getMaskMutable().assign(both);
}

void LaneMasker::convertFor(ForOp op, Value mask) {
  Block& body = op.getBody().front();
  convert(body, mask);
  if (!mask) return;
  for (unsigned k = 0; k < op.getNumCarries(); ++k)
    if (masks.freeze(yields(body)[k], body.getArgument(k + 1), mask, op.getBody()))
      masks.declareFrozen(op.getResult(k), op.getInputs()[k], mask);
}

void LaneMasker::convertUniformWhile(WhileOp op, Value mask) {
  Block& body = op.getBody().front();
  convert(op.getCond().front(), mask);
  convert(body, mask);
  if (!mask) return;
  for (unsigned k = 0; k < op.getInits().size(); ++k)
    if (masks.freeze(yields(body)[k], body.getArgument(k), mask, op.getBody()))
      masks.declareFrozen(op.getResult(k), op.getInits()[k], mask);
}

SmallVector<Value> LaneMasker::inlineCopy(mlir::OpBuilder& at, Block& block, ValueRange arguments, Value mask) {
  mlir::IRMapping map;
  map.map(block.getArguments(), arguments);
  SmallVector<Operation*> copies;
  for (Operation& op : block.without_terminator()) copies.push_back(at.clone(op, map));
  SmallVector<Value> known(variance.values().begin(), variance.values().end());
  for (Value v : known)
    if (Value copy = map.lookupOrNull(v)) variance.mark(copy);
  SmallVector<Value> results;
  for (Value v : yields(block)) results.push_back(map.lookupOrDefault(v));
  // A converted operation is replaced by its uses, which include what this function returns: hold the yield meanwhile.
  mlir::OperationState holder(block.getTerminator()->getLoc(), YieldOp::getOperationName());
  holder.addOperands(results);
  Operation* held = at.create(holder);
  for (Operation* copy : copies) convert(copy, mask);
  results.assign(held->operand_begin(), held->operand_end());
  held->erase();
  return results;
}

// while c(x): x = f(x) becomes, with a = m & c(x):
//   while any(a): x = select(a, f(x), x); a = a & c(x)
void LaneMasker::convertVaryingWhile(WhileOp op, Value mask) {
  mlir::OpBuilder at(op);
  Builder b(at, op.getLoc());
  SmallVector<Value> first = inlineCopy(at, op.getCond().front(), op.getInits(), mask);
  SmallVector<Value> inits(op.getInits());
  inits.push_back(masks.both(b, mask, first[0]));
  unsigned n = op.getInits().size();
  auto loop = WhileOp::create(at, op.getLoc(), ValueRange(inits).getTypes(), op.getMaxTripAttr(), inits);

  loop.getBody().takeBody(op.getBody());
  Block& body = loop.getBody().front();
  Value active = body.addArgument(inits.back().getType(), op.getLoc());
  variance.mark(active);
  masks.declareImplies(active, inits.back());
  convert(body, active);
  Operation* yield = body.getTerminator();
  at.setInsertionPoint(yield);
  SmallVector<Value> next;
  for (unsigned k = 0; k < n; ++k)
    next.push_back(masks.keep(b, active, yield->getOperand(k), body.getArgument(k), loop.getBody()));
  Value again = inlineCopy(at, op.getCond().front(), next, active)[0];
  next.push_back(masks.both(b, active, again));
  yield->setOperands(next);

  Block* cond = at.createBlock(&loop.getCond(), {}, ValueRange(inits).getTypes(),
                               SmallVector<mlir::Location>(inits.size(), op.getLoc()));
  at.setInsertionPointToEnd(cond);
  YieldOp::create(at, op.getLoc(), ValueRange{anyLane(b, cond->getArguments().back())});

  for (unsigned k = 0; k < n; ++k) {
    if (variance.varies(op.getResult(k))) variance.mark(loop.getResult(k));
    masks.declareFrozen(loop.getResult(k), op.getInits()[k], inits.back());
    op.getResult(k).replaceAllUsesWith(loop.getResult(k));
  }
  variance.mark(loop.getResults().back());
  op.erase();
}

void LaneMasker::convertUniformCase(CaseOp op, Value mask) {
  for (Region& branch : op.getBranches()) convert(branch.front(), mask);
  if (!mask) return;
  for (unsigned k = 0; k < op.getNumResults(); ++k) {
    Region& first = op.getBranches()[0];
    Value old = masks.root(yields(first.front())[k], mask, first);
    if (definedInside(op, old)) continue;
    bool same = llvm::all_of(op.getBranches(), [&](Region& branch) {
      return masks.root(yields(branch.front())[k], mask, branch) == old;
    });
    if (!same) continue;
    for (Region& branch : op.getBranches()) masks.freeze(yields(branch.front())[k], old, mask, branch);
    masks.declareFrozen(op.getResult(k), old, mask);
  }
}

Value LaneMasker::branchMask(Builder& b, CaseOp op, unsigned branch, Value mask) {
  unsigned last = op.getBranches().size() - 1;
  Value index = op.getIndex();
  if (last == 1) {
    auto convert = index.getDefiningOp<ConvertOp>();
    bool isPredicate = convert && dtypeOf(elementType(convert.getX())) == Dtype::bool_;
    Value p = isPredicate ? Value(convert.getX()) : b.compare(CompareKind::gt, index, b.scalar(0));
    return masks.both(b, mask, branch == 1 ? p : logicalNot(b, p));
  }
  CompareKind kind = branch == 0 ? CompareKind::le : branch == last ? CompareKind::ge : CompareKind::eq;
  return masks.both(b, mask, b.compare(kind, index, b.scalar(branch)));
}

// What a result is before any branch has run: the value from above that most branches leave it at, so that these
// branches need not run for it; else the value whose blocks a branch replaces; else nothing (null).
SmallVector<Value> LaneMasker::startingValues(CaseOp op, llvm::ArrayRef<Value> branchMasks) {
  SmallVector<Value> start;
  for (unsigned k = 0; k < op.getNumResults(); ++k) {
    SmallVector<std::pair<Value, int>> votes;
    for (Region& branch : op.getBranches()) {
      Value v = yields(branch.front())[k];
      if (definedInside(op, v)) continue;
      auto* vote = llvm::find_if(votes, [&](auto& candidate) { return candidate.first == v; });
      if (vote == votes.end()) votes.push_back({v, 1});
      else ++vote->second;
    }
    for (auto [j, branch] : llvm::enumerate(op.getBranches())) {
      if (!votes.empty()) break;
      Value v = masks.root(yields(branch.front())[k], branchMasks[j], branch);
      if (!definedInside(op, v)) votes.push_back({v, 0});
    }
    auto best = llvm::max_element(votes, [](auto& x, auto& y) { return x.second < y.second; });
    start.push_back(votes.empty() ? Value() : best->first);
  }
  return start;
}

// current = case any(mask): select(mask, branch, current) else: current. Results that the branch leaves at their
// starting value are not touched; a branch that touches none and emits nothing does not run.
//
// The lanes of this mask were in no branch so far: for them the current value is the starting value x. The branch
// therefore reads the current value instead, which ends the life of x and lets its array be updated in place. One
// result owns x; others that started at the same x are selected as a whole.
void LaneMasker::runBranchIfAny(CaseOp op, Region& branch, Value mask, llvm::ArrayRef<Value> start,
                                llvm::MutableArrayRef<Value> current) {
  Operation* yield = branch.front().getTerminator();
  SmallVector<unsigned> touched;
  for (unsigned k = 0; k < op.getNumResults(); ++k)
    if (yield->getOperand(k) != start[k]) touched.push_back(k);
  bool emits = branch.walk([](Operation* inner) {
    return mlir::isa<EmitOp, ReportOp>(inner) ? mlir::WalkResult::interrupt() : mlir::WalkResult::advance();
  }).wasInterrupted();
  if (touched.empty() && !emits) return;

  llvm::DenseMap<Value, unsigned> owner;
  for (unsigned k = 0; k < op.getNumResults(); ++k)
    if (start[k] && current[k] != start[k] && variance.varies(start[k])) owner.try_emplace(start[k], k);
  llvm::DenseSet<unsigned> frozen;
  for (unsigned k : touched) {
    if (!start[k]) continue;
    auto owned = owner.find(start[k]);
    bool mine = owned == owner.end() ? current[k] == start[k] : owned->second == k;
    if (mine && masks.freeze(yield->getOperand(k), start[k], mask, branch)) frozen.insert(k);
  }
  for (auto [x, k] : owner) {
    Value replaced = x;
    replaced.replaceUsesWithIf(current[k], [&](mlir::OpOperand& use) {
      return branch.isAncestor(use.getOwner()->getParentRegion());
    });
  }

  mlir::OpBuilder at(yield);
  Builder b(at, op.getLoc());
  SmallVector<Value> next;
  for (unsigned k : touched) {
    Value v = yield->getOperand(k);
    next.push_back(frozen.contains(k) || !current[k] ? v : selectLanes(b, mask, v, current[k]));
  }
  yield->setOperands(next);

  at.setInsertionPoint(op);
  Value index = b.convert(anyLane(b, mask), elementType(op.getIndex()));
  auto guarded = CaseOp::create(at, op.getLoc(), ValueRange(next).getTypes(), index, 2);
  guarded.getBranches()[1].takeBody(branch);
  Block* idle = at.createBlock(&guarded.getBranches()[0]);
  at.setInsertionPointToEnd(idle);
  SmallVector<Value> unchanged;
  for (unsigned k : touched) unchanged.push_back(current[k] ? current[k] : b.zeros(op.getResult(k).getType()));
  YieldOp::create(at, op.getLoc(), unchanged);
  for (auto [k, result] : llvm::zip(touched, guarded.getResults())) {
    if (current[k]) masks.declareFrozen(result, current[k], mask);
    variance.mark(result);
    current[k] = result;
  }
}

void LaneMasker::convertVaryingCase(CaseOp op, Value mask) {
  mlir::OpBuilder at(op);
  Builder b(at, op.getLoc());
  if (op.getBranches().size() == 1) {
    op.getIndexMutable().assign(b.scalar(0));
    return convertUniformCase(op, mask);
  }
  SmallVector<Value> branchMasks;
  for (auto [j, branch] : llvm::enumerate(op.getBranches())) {
    branchMasks.push_back(branchMask(b, op, j, mask));
    convert(branch.front(), branchMasks.back());
    // A literal that a branch yields is as good as a value from above.
    for (Operation& inner : llvm::make_early_inc_range(branch.front()))
      if (mlir::isa<ConstantOp, IotaOp, BroadcastOp>(inner) &&
          llvm::none_of(inner.getOperands(), [&](Value v) { return definedInside(op, v); }))
        inner.moveBefore(op);
  }
  SmallVector<Value> start = startingValues(op, branchMasks), current = start;
  for (auto [j, branch] : llvm::enumerate(op.getBranches())) runBranchIfAny(op, branch, branchMasks[j], start, current);
  for (auto [result, value] : llvm::zip(op.getResults(), current)) result.replaceAllUsesWith(value);
  op.erase();
}

// The rules stay for a derivative taken later; each is a program of its own, with all its lanes active.
void LaneMasker::convertCustomDerivative(CustomDerivativeOp op) {
  for (Region& rule : op.getRules()) convert(rule.front(), Value());
}

}  // namespace

mlir::LogicalResult maskLanes(mlir::Block& block, llvm::ArrayRef<bool> varyingArguments) {
  LaneMasker(LaneVariance(block, varyingArguments)).convert(block, Value());
  return mlir::success();
}

mlir::LogicalResult maskLanes(mlir::func::FuncOp function, llvm::ArrayRef<bool> varyingArguments, int activeArgument) {
  Block& body = function.getBody().front();
  if (varyingArguments.size() != body.getNumArguments())
    return function.emitError() << "lane masking: " << varyingArguments.size() << " flags for " << body.getNumArguments()
                                << " arguments";
  LaneMasker(LaneVariance(body, varyingArguments)).convert(body, activeArgument < 0 ? Value() : body.getArgument(activeArgument));
  return mlir::success();
}

}  // namespace nuthatch::passes
