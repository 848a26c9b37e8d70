#pragma once
// What the yielded values of a block that are wanted depend on.
#include <llvm/ADT/DenseSet.h>

#include "ir/dialect/dialect.h"

namespace nuthatch::passes {

class Liveness {
 public:
  /// Operations with effects are wanted from the start.
  explicit Liveness(mlir::Block&);
  /// Marks the value and what it depends on inside the block.
  void want(mlir::Value);
  bool wanted(mlir::Value v) const { return live.contains(v); }

 private:
  void wantOperands(mlir::Operation*);
  mlir::Block& block;
  llvm::DenseSet<mlir::Value> live;
  llvm::DenseSet<mlir::Operation*> visited;
};

}  // namespace nuthatch::passes
