#include "passes/loops/mask.h"

namespace nuthatch::passes {

using namespace ir;
using mlir::Value;

Value selectLanes(Builder& b, Value mask, Value a, Value other) {
  return b.select(b.spread(mask, shapeOf(a)), a, other);
}

Value Masks::both(Builder& b, Value outer, Value condition) {
  if (!outer) return condition;
  Value mask = b.binary(BinaryKind::and_, outer, condition);
  parent[mask] = outer;
  return mask;
}

bool Masks::implies(Value inner, Value outer) const {
  for (Value v = inner; v; v = parent.lookup(v))
    if (v == outer) return true;
  return false;
}

Value Masks::root(Value v, Value mask, mlir::Region& region) const {
  while (true) {
    auto known = frozen.find(v);
    if (known != frozen.end() && implies(known->second.mask, mask)) {
      v = known->second.old;
      continue;
    }
    auto update = v.getDefiningOp<DynamicUpdateSliceOp>();
    // Updates outside the region belong to lanes that the mask excludes as well.
    if (!update || !region.isAncestor(update->getParentRegion())) return v;
    v = update.getX();
  }
}

bool Masks::freeze(Value v, Value old, Value mask, mlir::Region& region) {
  if (root(v, mask, region) != old) return false;
  while (v != old) {
    auto known = frozen.find(v);
    if (known != frozen.end() && implies(known->second.mask, mask)) {
      v = known->second.old;
      continue;
    }
    auto update = v.getDefiningOp<DynamicUpdateSliceOp>();
    mlir::OpBuilder at(update);
    Builder b(at, update.getLoc());
    Value block = b.dynamicSlice(update.getX(), update.getStarts(), shapeOf(update.getUpdate()));
    update.getUpdateMutable().assign(selectLanes(b, mask, update.getUpdate(), block));
    frozen[v] = {update.getX(), mask};
    v = update.getX();
  }
  return true;
}

Value Masks::keep(Builder& b, Value mask, Value v, Value old, mlir::Region& region) {
  if (freeze(v, old, mask, region)) return v;
  Value kept = selectLanes(b, mask, v, old);
  frozen[kept] = {old, mask};
  return kept;
}

/// The updates that lead from `old` to `v`, last first; empty when there are none or others use them.
static llvm::SmallVector<DynamicUpdateSliceOp> updatesFrom(Value old, Value v) {
  llvm::SmallVector<DynamicUpdateSliceOp> chain;
  while (v != old) {
    auto update = v.getDefiningOp<DynamicUpdateSliceOp>();
    if (!update || !v.hasOneUse()) return {};
    chain.push_back(update);
    v = update.getX();
  }
  return chain;
}

Value selectBlocks(SelectOp op) {
  auto spread = op.getPred().getDefiningOp<BroadcastOp>();
  Value mask = spread ? Value(spread.getX()) : Value(op.getPred());
  if (!shapeOf(mask).empty()) return {};
  bool taken = true;
  Value old = op.getB();
  auto chain = updatesFrom(old, op.getA());
  if (chain.empty()) {
    taken = false;
    old = op.getA();
    chain = updatesFrom(old, op.getB());
  }
  mlir::OpBuilder at(op);
  Value x = old;
  for (DynamicUpdateSliceOp update : llvm::reverse(chain)) {
    Builder b(at, update.getLoc());
    Value block = b.dynamicSlice(x, update.getStarts(), shapeOf(update.getUpdate()));
    Value chosen = taken ? selectLanes(b, mask, update.getUpdate(), block) : selectLanes(b, mask, block, update.getUpdate());
    x = b.dynamicUpdateSlice(x, chosen, update.getStarts());
  }
  return chain.empty() ? Value() : x;
}

}  // namespace nuthatch::passes
