#pragma once
// Checks of the code generator's own work, for its tests. The environment variable NUTHATCH_CHECK lists them:
//   plan    every storage plan is verified by backends/cpu/check_storage.h before code is emitted;
//   memory  all buffers lie between guard zones, start as NaN and become NaN again where their value is dead; the
//           caller's arrays are copied between guard zones. Results must not change, and a guard zone that did is an
//           error. Such code is slower and never cached on disk.
#include "backends/cpu/storage.h"

namespace nuthatch::cpu {

bool checks(llvm::StringRef what);

/// What memory checks fill with: a NaN of either width, true, and -1.
constexpr unsigned char kPoison = 0xff;

/// For each group, by its position in plan.groups[block], stored values that nothing reads afterwards and whose memory
/// the group itself gives to no other value. Found from the uses alone, not from what the planner thinks is live.
struct DeadValues {
  llvm::DenseMap<mlir::Block*, std::vector<llvm::SmallVector<mlir::Value>>> after;
};
DeadValues deadValues(mlir::func::FuncOp, const Plan&, const Storage&);

}  // namespace nuthatch::cpu
