#include "passes/autodiff/body.h"

#include <mlir/IR/IRMapping.h>

#include "passes/autodiff/residuals.h"

namespace nuthatch::passes {

Expansion::Expansion(mlir::Operation* transformation, mlir::Region& body)
    : transformation(transformation), before(transformation->getPrevNode()), body(body) {
  for (mlir::Operation& op : llvm::make_early_inc_range(body.front().without_terminator())) {
    op.moveBefore(transformation);
    ops.push_back(&op);
  }
}

llvm::SmallVector<mlir::Value> Expansion::yields() const {
  auto operands = body.front().getTerminator()->getOperands();
  return {operands.begin(), operands.end()};
}

void Expansion::finish(mlir::ValueRange arguments, llvm::SmallVector<mlir::Value> results,
                       llvm::ArrayRef<mlir::Operation*> retired) {
  for (auto [argument, value] : llvm::zip(body.getArguments(), arguments)) argument.replaceAllUsesWith(value);
  for (mlir::Value& v : results)
    if (auto argument = llvm::dyn_cast<mlir::BlockArgument>(v); argument && argument.getOwner() == &body.front())
      v = arguments[argument.getArgNumber()];
  transformation->replaceAllUsesWith(results);
  for (mlir::Operation* old : retired) old->destroy();
  mlir::Block* block = transformation->getBlock();
  auto first = before ? std::next(before->getIterator()) : block->begin();
  eraseDead(first, transformation->getIterator());
  transformation->erase();
}

mlir::LogicalResult Expansion::abandon(llvm::ArrayRef<mlir::Operation*> retired) {
  for (mlir::Operation* old : retired) old->destroy();
  return mlir::failure();
}

InlinedBody cloneBody(mlir::OpBuilder& b, mlir::Region& region, mlir::ValueRange arguments) {
  mlir::IRMapping map;
  map.map(region.getArguments(), arguments);
  InlinedBody body;
  for (mlir::Operation& op : region.front().without_terminator()) body.ops.push_back(b.clone(op, map));
  for (mlir::Value v : region.front().getTerminator()->getOperands()) body.yields.push_back(map.lookupOrDefault(v));
  return body;
}

InlinedBody cloneAgain(mlir::OpBuilder& b, mlir::Region& region, mlir::ValueRange arguments) {
  InlinedBody body = cloneBody(b, region, arguments);
  for (mlir::Operation* op : body.ops)
    for (mlir::Region& inner : op->getRegions()) inner.walk([](ir::ReportOp report) { report.erase(); });
  llvm::erase_if(body.ops, [](mlir::Operation* op) {
    if (!mlir::isa<ir::ReportOp>(op)) return false;
    op->erase();
    return true;
  });
  return body;
}

}  // namespace nuthatch::passes
