#pragma once
// Taking a transformed body apart. Arguments stay what they are until the derivative is finished: an argument and a
// captured value may be the same value outside, yet only the argument is differentiated.
#include "ir/dialect/dialect.h"

namespace nuthatch::passes {

/// The place of a transformation that is being replaced by plain operations.
class Expansion {
 public:
  /// Moves the operations of the body in front of the transformation. They keep referring to the body's arguments.
  Expansion(mlir::Operation* transformation, mlir::Region& body);

  llvm::SmallVector<mlir::Operation*> ops;
  /// What the body yields now: operations may have been replaced meanwhile.
  llvm::SmallVector<mlir::Value> yields() const;

  /// Puts values for the body's arguments, replaces the transformation, and erases what has become dead.
  void finish(mlir::ValueRange arguments, llvm::SmallVector<mlir::Value> results,
              llvm::ArrayRef<mlir::Operation*> retired);

  /// After an error, which has been reported: frees what is no longer part of the program.
  static mlir::LogicalResult abandon(llvm::ArrayRef<mlir::Operation*> retired);

 private:
  mlir::Operation *transformation, *before;
  mlir::Region& body;
};

/// Operations of a copied region, and the values it yields.
struct InlinedBody {
  llvm::SmallVector<mlir::Operation*> ops;
  llvm::SmallVector<mlir::Value> yields;
};

/// Without reports: they have been made where the region was computed first.
InlinedBody cloneAgain(mlir::OpBuilder&, mlir::Region&, mlir::ValueRange arguments);

/// A copy of the region's operations at the insertion point, with values for its arguments.
InlinedBody cloneBody(mlir::OpBuilder&, mlir::Region&, mlir::ValueRange arguments);

}  // namespace nuthatch::passes
