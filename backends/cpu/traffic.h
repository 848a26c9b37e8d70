#pragma once
// Bytes that a group moves between its registers and memory.
#include <llvm/ADT/MapVector.h>

#include "backends/cpu/plan.h"

namespace nuthatch::cpu {

inline int64_t elements(mlir::Value v) { return ir::tensorType(v).getNumElements(); }
inline int64_t bytesOfElement(mlir::Value v) { return int64_t(size_of(ir::dtypeOf(ir::elementType(v)))); }

struct Traffic {
  llvm::MapVector<mlir::Value, int64_t> reads;  // bytes of each value in memory, each place once
  int64_t writes = 0;
  int64_t read() const;
};

/// One run of a group without regions, for one chain.
Traffic trafficOf(const Plan&, const Group&);

}  // namespace nuthatch::cpu
