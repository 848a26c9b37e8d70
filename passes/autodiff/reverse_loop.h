#pragma once
// What the reverse sweeps of `for` and `while` share: the body of the reverse loop.
#include "passes/autodiff/reverse.h"

namespace nuthatch::passes {

/// Collects the body of a reverse loop. Its arguments are leading ones of the loop's own, the cotangents of carries, then
/// the cotangents of captured values, which sum up over the iterations on top of what they had.
class ReverseLoop {
 public:
  ReverseLoop(mlir::Operation* loop, const Activity&, Cotangents& outer, mlir::OpBuilder&);

  /// False when no cotangent reaches the loop.
  bool active() const { return !useful.empty(); }
  mlir::Value incoming(unsigned result) const { return incoming_[result]; }

  /// Adds the arguments for cotangents to the body and enters what is known at the end of an iteration into `local`.
  void begin(mlir::Block& body, Cotangents& local);
  /// After the sweep: the next values of those arguments.
  llvm::SmallVector<mlir::Value> next(ir::Lean&, Cotangents& local);
  /// Initial values of those arguments.
  llvm::SmallVector<mlir::Value> inits;
  /// Enters the results of the reverse loop into the cotangents around it.
  void end(ir::Lean&, mlir::ValueRange results);

 private:
  mlir::Operation* loop;
  const Activity& activity;
  Cotangents& outer;
  LoopBody forward;
  ValueSet useful;
  llvm::SmallVector<mlir::Value> incoming_;
  llvm::SmallVector<unsigned> carried;   // carries whose cotangents are carried
  llvm::SmallVector<unsigned> constant;  // carries that only sum up: their cotangent is the same in every iteration
  llvm::SmallVector<mlir::Value> captured;
};

}  // namespace nuthatch::passes
