#pragma once
// Which values of a body take part in differentiation. A value is *varied* when it depends differentiably on an input
// of interest, *useful* when an output of interest depends on it; derivatives exist where both hold. Nothing else gets
// a tangent or a cotangent, so zeros are never stored.
#include <llvm/ADT/DenseSet.h>
#include <llvm/ADT/SetVector.h>

#include "ir/dialect/dialect.h"

namespace nuthatch::passes {

using ValueSet = llvm::DenseSet<mlir::Value>;

class Activity {
 public:
  void seed(mlir::Value v) { varied_.insert(v); }
  bool varied(mlir::Value v) const { return varied_.contains(v); }
  bool varied(mlir::Operation* op) const;

  /// Marks what depends on the seeds, in program order; loops to a fixpoint.
  void forward(mlir::Block&);
  void forward(mlir::Operation*);

  /// Adds to `useful` the varied values that the useful ones depend on, walking the block backwards.
  void backward(mlir::Block&, ValueSet& useful) const;
  void backward(mlir::Operation*, ValueSet& useful) const;

  /// Of a loop, the carries whose value before an iteration is varied and useful, given the useful results.
  llvm::SmallVector<bool> activeCarries(mlir::Operation* loop, const ValueSet& usefulResults) const;

  /// Varied values from around a region operation that are used in it, in order of first use.
  llvm::SetVector<mlir::Value> captured(mlir::Operation*) const;

 private:
  bool mark(mlir::Value);
  void forwardLoop(mlir::Block& body, mlir::ValueRange inits, mlir::ValueRange xs, mlir::ResultRange results);
  ValueSet varied_;
};

/// True for values of the operation's regions, nested ones included. Regions under construction have no operation yet.
bool definedInside(mlir::Operation*, mlir::Value);

/// The block of a loop's body and, of a `for`, the number of arguments in front of the carries.
struct LoopBody {
  mlir::Block* block;
  unsigned firstCarry, carries;
  mlir::BlockArgument carry(unsigned j) const { return block->getArgument(firstCarry + j); }
  mlir::Value next(unsigned j) const { return block->getTerminator()->getOperand(j); }
};
LoopBody loopBody(mlir::Operation* loop);

}  // namespace nuthatch::passes
