#include <mlir/Interfaces/SideEffectInterfaces.h>

#include "passes/simplify/control.h"

namespace nuthatch::passes {

using mlir::Operation;
using mlir::Value;

namespace {

bool cheap(Operation* op) { return mlir::isa<ir::ConstantOp, ir::IotaOp, ir::BroadcastOp, ir::ReshapeOp>(op); }

/// A while that would not have run may not end; everything else may run without need.
bool movable(Operation* op) {
  if (!mlir::isMemoryEffectFree(op) || op->hasTrait<mlir::OpTrait::IsTerminator>()) return false;
  return !op->walk([](ir::WhileOp) { return mlir::WalkResult::interrupt(); }).wasInterrupted();
}

class Hoister {
 public:
  explicit Hoister(Operation* loop) : loop(loop) {}

  bool run() {
    for (mlir::Region& region : loop->getRegions())
      for (Operation& op : llvm::make_early_inc_range(region.front()))
        if (!cheap(&op) && movable(&op) && invariant(&op)) move(&op);
    return changed;
  }

 private:
  bool outside(Value v) { return !loop->isAncestor(v.getParentBlock()->getParentOp()); }

  /// Everything the operation and its regions use comes from outside, or from cheap operations that do.
  bool invariant(Operation* op) {
    return !op->walk([&](Operation* inner) {
                for (Value v : inner->getOperands()) {
                  if (outside(v) || op->isAncestor(v.getParentBlock()->getParentOp())) continue;
                  Operation* source = v.getDefiningOp();
                  if (!source || !cheap(source) || !invariant(source)) return mlir::WalkResult::interrupt();
                }
                return mlir::WalkResult::advance();
              }).wasInterrupted();
  }

  void move(Operation* op) {
    op->walk([&](Operation* inner) {
      for (Value v : inner->getOperands()) {
        Operation* source = v.getDefiningOp();
        if (source && !outside(v) && !op->isAncestor(v.getParentBlock()->getParentOp())) move(source);
      }
    });
    op->moveBefore(loop);
    changed = true;
  }

  Operation* loop;
  bool changed = false;
};

}  // namespace

bool hoistInvariants(Operation* loop) { return Hoister(loop).run(); }

}  // namespace nuthatch::passes
