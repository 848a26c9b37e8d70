#pragma once
// Makes values of a forward loop body available in the body of its reverse loop.
//
// The reverse body is first written as if the forward body's values were in scope. Then every such use is resolved: by
// the reverse loop's own counter and re-read stacked inputs, by computing a cheap operation again, or by saving the
// value in the forward loop. Saved are results of transcendental functions, contractions, factorisations and everything
// else that costs more than a load; a cheap value is saved too where computing it again would save more bytes in other
// values than it has itself.
#include <functional>

#include "passes/autodiff/activity.h"

namespace nuthatch::passes {

class Residuals {
 public:
  struct Saved {
    mlir::Value forward;           // in the forward body
    mlir::BlockArgument reverse;   // stands for it in the reverse body
  };
  /// `argument` gives the reverse body's value for an argument of the forward body, or null if it must be saved.
  using ArgumentRule = std::function<mlir::Value(mlir::BlockArgument)>;

  Residuals(mlir::Operation* loop, mlir::Block& reverseBody, ArgumentRule argument)
      : loop(loop), forwardBody(*loopBody(loop).block), reverseBody(reverseBody), argument(std::move(argument)) {}

  /// Resolves all uses, after dead operations of the reverse body have been retired. The values to save are appended to
  /// its arguments in the order returned.
  llvm::ArrayRef<Saved> resolve(llvm::SmallVectorImpl<mlir::Operation*>& retired);

 private:
  mlir::Value find(mlir::Value);
  mlir::Value save(mlir::Value);
  bool mustSave(mlir::Value) const;
  int64_t bytesToSave(mlir::Value, ValueSet& visited) const;

  mlir::Operation* loop;
  mlir::Block &forwardBody, &reverseBody;
  ArgumentRule argument;
  llvm::DenseMap<mlir::Value, mlir::Value> known;
  llvm::SmallVector<Saved> saved;
  mlir::Operation* lastClone = nullptr;
};

/// Operations that cost about as much as loading their result.
bool isCheapToRepeat(mlir::Operation*);

/// Erases operations of the range, and of blocks in it, whose results nobody uses. While a derivative is under
/// construction they are `retired` instead: sets of values know their results by address.
void eraseDead(mlir::Block::iterator begin, mlir::Block::iterator end,
               llvm::SmallVectorImpl<mlir::Operation*>* retired = nullptr);
inline void eraseDead(mlir::Block& block, llvm::SmallVectorImpl<mlir::Operation*>* retired) {
  eraseDead(block.begin(), block.end(), retired);
}

}  // namespace nuthatch::passes
