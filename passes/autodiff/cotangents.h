#pragma once
// The cotangents of one reverse sweep: sums that grow as the consumers of a value are visited.
#include <llvm/ADT/DenseMap.h>

#include "ir/ops/derivative.h"

namespace nuthatch::passes {

class Cotangents {
 public:
  /// Null when nothing has been added: zero.
  mlir::Value get(ir::Lean&, mlir::Value);
  void add(ir::Lean&, mlir::Value of, mlir::Value cotangent);

  /// Contribution of a slice with unit strides. Slices wait until the value is asked for: where they tile it, as the
  /// parameters cut out of one flat vector do, the cotangent is one concatenation instead of a sum of padded copies.
  void addSlice(ir::Lean&, mlir::Value of, llvm::ArrayRef<int64_t> start, mlir::Value cotangent);

  /// Contributions of a slice at computed places and of gathered blocks (`op` is dynamic_slice or gather): added in
  /// place where there is a sum already.
  void addIndexed(ir::Lean&, mlir::Operation* op, mlir::Value cotangent);

  /// Starts (or continues) the sum with this value; used for sums that a loop carries.
  void set(mlir::Value of, mlir::Value sum, bool carried = false);

  /// Removes and returns the sum.
  mlir::Value take(ir::Lean&, mlir::Value of);

 private:
  struct Slice {
    llvm::SmallVector<int64_t> start;
    mlir::Value value;
    size_t order;
  };
  struct Sum {
    mlir::Value dense;
    llvm::SmallVector<Slice, 0> slices;
    bool carried = false;  // a slice is added in place, so that an iteration costs what it touches
  };
  mlir::Value assemble(ir::Lean&, mlir::Value of, Sum&);
  llvm::DenseMap<mlir::Value, Sum> sums;
};

}  // namespace nuthatch::passes
