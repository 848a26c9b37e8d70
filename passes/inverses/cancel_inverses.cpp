#include "passes/inverses/cancel_inverses.h"

#include <optional>

#include "ir/dialect/dialect.h"

namespace nuthatch::passes {

using mlir::Operation;
using mlir::Value;

namespace {

/// The function that the other undoes, for every argument.
std::optional<ir::UnaryKind> undoneBy(ir::UnaryKind outer) {
  switch (outer) {
  case ir::UnaryKind::log:
    return ir::UnaryKind::exp;
  case ir::UnaryKind::log1p:
    return ir::UnaryKind::expm1;
  case ir::UnaryKind::log2:
    return ir::UnaryKind::exp2;
  default:
    return std::nullopt;
  }
}

bool renamesElements(Operation *op) {
  return mlir::isa<ir::BroadcastOp, ir::ReshapeOp, ir::TransposeOp, ir::SliceOp,
                   ir::ReverseOp>(op);
}

/// x where v is kind(x), seen through operations that rename elements; these
/// are then applied to x.
Value argument(Value v, ir::UnaryKind kind, mlir::OpBuilder &at) {
  auto *op = v.getDefiningOp();
  if (auto function = mlir::dyn_cast_or_null<ir::UnaryOp>(op))
    return function.getKind() == kind ? function.getX() : Value();
  if (!op || !renamesElements(op))
    return {};
  Value x = argument(op->getOperand(0), kind, at);
  if (!x)
    return {};
  mlir::IRMapping operands;
  operands.map(op->getOperand(0), x);
  return at.clone(*op, operands)->getResult(0);
}

} // namespace

void cancelInverses(mlir::ModuleOp module) {
  llvm::SmallVector<ir::UnaryOp> found;
  module.walk([&](ir::UnaryOp op) {
    if (undoneBy(op.getKind()))
      found.push_back(op);
  });
  for (auto op : found) {
    mlir::OpBuilder at(op);
    if (Value x = argument(op.getX(), *undoneBy(op.getKind()), at)) {
      op.getResult().replaceAllUsesWith(x);
      op.erase();
    }
  }
}

} // namespace nuthatch::passes
