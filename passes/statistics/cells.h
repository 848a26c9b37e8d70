#pragma once
// How the elements of a summed array fall into cells within which parameters are constant: one cell for parameters that
// are scalars, one for each index along axes that a parameter has, one for each group when parameters are looked up by
// a group index that is data. A value *of cells* is a scalar, or a vector with one element for each cell.
#include <optional>

#include "ir/ops/builder.h"
#include "passes/statistics/loop_invariants.h"

namespace nuthatch::passes {

/// A constant square matrix, or its inverse, times a vector: operation and vector.
struct LinearMap {
  mlir::Operation* op;
  mlir::Value vector;
};
std::optional<LinearMap> linearMap(mlir::Value, const LoopInvariants&);

class Cells {
 public:
  /// The cells of a summand, from the parameters that its elementwise operations reach. Nothing where they differ from
  /// element to element.
  static std::optional<Cells> of(mlir::Value summand, LoopInvariants&);

  int64_t count() const { return cells; }
  int64_t elements() const { return total; }
  llvm::ArrayRef<int64_t> shape() const { return full; }

  /// Constant within cells: a literal, a parameter spread over the array, or looked up by group.
  bool isParameter(mlir::Value);
  /// Of such a value, its values: a scalar or one for each cell.
  mlir::Value parameter(mlir::Value, ir::Builder&);

  /// Sums within cells. x: the full array, or a matrix [elements, m] (then [m] or [cells, m] results).
  mlir::Value sums(mlir::Value x, ir::Builder&) const;
  /// Elements in each cell, of this floating-point type.
  mlir::Value sizes(mlir::Type element, ir::Builder&) const;
  /// The value of its cell for every element; the inverse shape of sums.
  mlir::Value spread(mlir::Value ofCells, bool matrix, ir::Builder&) const;
  /// One for each cell from a scalar; unchanged when it is.
  mlir::Value wide(mlir::Value, ir::Builder&) const;

 private:
  bool scan(mlir::Value, LoopInvariants&, llvm::DenseSet<mlir::Value>& seen);
  bool constantWithin(mlir::Value);
  mlir::Value valueOf(mlir::Value, ir::Builder&);

  llvm::SmallVector<int64_t> full, kept;  // shape; axes that tell cells apart
  mlir::Value groups;                     // the index of each element's group as `gather` takes it, [elements, 1]
  mlir::Value clamped;                    // in front of the loop
  int64_t cells = 1, total = 1;
  llvm::DenseMap<mlir::Value, bool> constant;       // within cells
  llvm::DenseMap<mlir::Value, mlir::Value> values;  // of parameters
};

}  // namespace nuthatch::passes
