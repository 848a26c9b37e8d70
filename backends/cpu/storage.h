#pragma once
// Which stored values share memory. Values tied by control flow (a loop's initial value, carry, yielded value and
// result; a branch's yielded values and the result; an updated array and its update) share one slot wherever their
// live ranges allow, so that carries are updated in place and a branch that is not taken costs nothing. Where they do
// not, the emitter copies at the yield. Large slots of values that are never alive together share memory as well.
#include "backends/cpu/plan.h"

namespace nuthatch::cpu {

struct Slot {
  Dtype dtype;
  int64_t elements = 0;   // of one chain
  bool varying = false;   // one value per lane
  bool carried = false;   // lives across iterations of a loop
  bool external = false;  // a function argument read where the caller put it
  int memory = -1;        // slots with the same number share memory (large slots only)
  std::vector<mlir::Value> values;
};

struct Storage {
  std::vector<Slot> slots;
  llvm::DenseMap<mlir::Value, int> slotOf;
  std::vector<std::pair<mlir::Value, mlir::Value>> copies;  // ties that could not be made: (destination, source)
  int slot(mlir::Value v) const { return slotOf.lookup(v); }
};

/// `varying` says which values differ between lanes; function arguments that do not are external.
Storage assignStorage(mlir::func::FuncOp, const Plan&, llvm::function_ref<bool(mlir::Value)> varying);

}  // namespace nuthatch::cpu
