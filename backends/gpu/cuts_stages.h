#pragma once
// In which of a block's kernels each operation runs. Stages are numbered; what is the same for all chains runs in even
// ones, once, what differs in odd ones, for every chain. Behind the kernel of a stage come the calls of libraries and the
// loops of that stage; what they give can be used from the next one on.
#include <llvm/ADT/DenseMap.h>

#include "backends/gpu/cuts.h"
#include "ir/dialect/dialect.h"
#include "passes/loops/lane_variance.h"

namespace nuthatch::gpu {

class Stages {
 public:
  Stages(mlir::Block&, const passes::LaneVariance&, const CutOptions&);

  /// A call of a library, or a loop that is cut.
  bool isBoundary(mlir::Operation* op) const { return boundary.contains(op); }
  /// Of an operation of the block, but its terminator.
  int of(mlir::Operation* op) const { return stage.lookup(op); }
  /// No other operation needs its results in an earlier stage.
  bool canWaitUntil(mlir::Operation* op, int t) const { return latest.lookup(op) >= t; }
  /// From which stage on a value is known.
  int ready(mlir::Value) const;
  int last() const { return highest; }
  bool varies(mlir::Operation*) const;
  /// The first stage from t on that runs for every chain, or once.
  static int up(int t, bool varying) { return t % 2 == int(varying) ? t : t + 1; }
  static int down(int t, bool varying) { return t % 2 == int(varying) ? t : t - 1; }

 private:
  void place(mlir::Operation*);
  void findLatest(mlir::Block&);

  mlir::Block& block;
  const passes::LaneVariance& variance;
  llvm::DenseSet<mlir::Operation*> boundary;
  llvm::DenseMap<mlir::Operation*, int> stage, latest;
  int highest = 0;
};

/// Operands, then what regions use from around the operation (an operand may be among it).
llvm::SmallVector<mlir::Value> inputsOf(mlir::Operation*);

/// Made of constants by operations that cost next to nothing: computed where it is used.
bool isConstant(mlir::Value);
/// Arithmetic or a rearrangement: computing it again is cheaper than reading it from memory.
bool isCheap(mlir::Operation*);

}  // namespace nuthatch::gpu
