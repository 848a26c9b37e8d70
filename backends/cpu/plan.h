#pragma once
// What the code generator decides before it emits: which values get a place of their own, which operations share a
// loop, and in which order the loops run. Works on one function whose control flow is uniform over lanes.
#include <mlir/Dialect/Func/IR/FuncOps.h>
#include <set>

#include "ir/dialect/dialect.h"

namespace nuthatch::cpu {

/// A fused loop nest over `space` computing elementwise roots and reductions, or one operation emitted by itself.
///
/// A loop over the rows of a matrix may be one pass over it (fuseRowPasses): `rowProducts`, products of a matrix and a
/// vector with one result for each row, are computed for some rows, then the roots of those rows, then `columnProducts`,
/// contractions of a root with a matrix over the rows, take them in.
struct Group {
  llvm::SmallVector<int64_t> space;
  llvm::SmallVector<int64_t> reduced;              // dimensions of space that the reductions of the group remove
  llvm::SmallVector<mlir::Operation*> roots;       // in program order
  mlir::Operation* single = nullptr;               // control flow, contractions, updates, ...
  llvm::SmallVector<mlir::Operation*> rowProducts, columnProducts;
  bool rowPass() const { return !rowProducts.empty() || !columnProducts.empty(); }
  /// Visits the operations that the loop computes, in order.
  void visit(llvm::function_ref<void(mlir::Operation*)>) const;
};

/// A matrix times a vector, either way round; no batch.
struct MatrixVector {
  mlir::Value matrix, vector;
  int64_t contracted = 0;  // dimension of the matrix
  explicit operator bool() const { return bool(matrix); }
  static MatrixVector of(mlir::Operation*);
};

struct Plan {
  llvm::DenseMap<mlir::Block*, std::vector<Group>> groups;
  llvm::DenseSet<mlir::Value> roots;   // computed once, by a group; everything else is recomputed where it is used
  llvm::DenseSet<mlir::Value> stored;  // roots and block arguments that need memory
  std::set<ir::UnaryKind> called;      // functions too frequent for their code to be repeated at each use
  std::set<ir::UnaryKind> repeated;    // ... at uses that are seldom reached
  bool generatorCalled = false;        // the same for the random number generator
  std::string text() const;
};

/// `rowPasses`: with fuseRowPasses.
Plan makePlan(mlir::func::FuncOp, bool rowPasses = true);

/// Joins a loop over rows with the matrix products before and after it that read one matrix: X b, f, X^T r read X once,
/// while its rows are in the cache. Groups must be in an order in which they can run.
void fuseRowPasses(const Plan&, std::vector<Group>&);

/// Elements are a function of the operands' elements at the same index.
bool isPointwise(mlir::Operation*);
/// Only renames elements (or is a literal): never worth a buffer.
bool isView(mlir::Operation*);
/// Evaluated element by element inside a loop.
bool isElementwise(mlir::Operation*);
/// The `for` whose slice of an xs operand (or whose counter) a block argument is.
struct LoopInput { mlir::Operation* loop = nullptr; mlir::Value xs; bool counter = false; };
LoopInput loopInput(mlir::Value);

/// Calls visit(root, sameIndex) for every root the expression tree of v reads; v itself if it is one.
void visitReads(const Plan&, mlir::Value v, bool sameIndex, llvm::function_ref<void(mlir::Value, bool)> visit);
/// The same for everything a group reads, nested regions included.
void visitReads(const Plan&, const Group&, llvm::function_ref<void(mlir::Value, bool)> visit);

}  // namespace nuthatch::cpu
