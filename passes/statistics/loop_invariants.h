#pragma once
// Values that are the same in every iteration of a loop, computed in front of it. simplify moves out what happens to be
// invariant; passes that make something invariant first say here where it goes.
#include <llvm/ADT/DenseMap.h>
#include <llvm/ADT/DenseSet.h>

#include "ir/dialect/dialect.h"

namespace nuthatch::passes {

/// Loops around the operation that are worth preparing for, outermost first: every `while`, and every `for` of 16
/// iterations or more.
llvm::SmallVector<mlir::Operation*> loopsAround(mlir::Operation*);

class LoopInvariants {
 public:
  explicit LoopInvariants(mlir::Operation* loop);

  /// Computed from values around the loop by operations without regions and effects.
  bool invariant(mlir::Value) const;
  /// An invariant value, as computed in front of the loop.
  mlir::Value before(mlir::Value);

  mlir::OpBuilder builder;  // writes in front of the loop

 private:
  bool outside(mlir::Value) const;

  mlir::Operation* loop;
  llvm::DenseSet<mlir::Value> known;  // invariant values of the loop
  llvm::DenseMap<mlir::Value, mlir::Value> moved;
};

/// The same operations on the same values, as far as a few steps show.
bool sameComputation(mlir::Value a, mlir::Value b, int depth = 16);

}  // namespace nuthatch::passes
