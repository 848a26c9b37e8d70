#pragma once
// Masks of active lanes and what is known about the values computed under them.
#include <llvm/ADT/DenseMap.h>

#include "ir/ops/builder.h"

namespace nuthatch::passes {

/// Null as a mask means all lanes.
class Masks {
 public:
  using Value = mlir::Value;

  /// a AND b; the result is known to imply `outer`.
  Value both(ir::Builder&, Value outer, Value condition);
  /// Declares that `inner` holds only where `outer` does.
  void declareImplies(Value inner, Value outer) { parent[inner] = outer; }
  bool implies(Value inner, Value outer) const;

  /// Declares that outside `mask` the value equals `old`.
  void declareFrozen(Value v, Value old, Value mask) { frozen[v] = {old, mask}; }

  /// Makes `v`, computed in `region` where only lanes of `mask` matter, equal to `old` in all other lanes without
  /// touching whole arrays: succeeds when it is `old`, is known to be frozen, or replaces blocks of such a value.
  bool freeze(Value v, Value old, Value mask, mlir::Region& region);
  /// freeze, or a select.
  Value keep(ir::Builder&, Value mask, Value v, Value old, mlir::Region& region);
  /// The value that `v` equals outside `mask` once frozen: follows block updates and frozen values to their start.
  Value root(Value v, Value mask, mlir::Region& region) const;

 private:
  struct Frozen { Value old, mask; };
  llvm::DenseMap<Value, Value> parent;
  llvm::DenseMap<Value, Frozen> frozen;
};

/// select with a scalar mask spread over the operands.
mlir::Value selectLanes(ir::Builder&, mlir::Value mask, mlir::Value a, mlir::Value b);

/// select(p, x with blocks replaced, x), p a spread scalar, as the block updates with selected blocks; null when the
/// operation has another form. Symmetrically with p negated.
mlir::Value selectBlocks(ir::SelectOp);

}  // namespace nuthatch::passes
