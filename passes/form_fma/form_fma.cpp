#include "passes/form_fma/form_fma.h"

#include <optional>

#include "ir/ops/builder.h"

namespace nuthatch::passes {

using namespace ir;
using mlir::Value;

namespace {

struct Product {
  BinaryOp op;
  llvm::SmallVector<BroadcastOp> broadcasts;  // between the sum and the product, outermost first
};

std::optional<Product> fusable(BinaryOp sum, Value operand) {
  Product product;
  while (operand.hasOneUse() && operand.getDefiningOp() && operand.getDefiningOp()->getBlock() == sum->getBlock()) {
    if (auto broadcast = operand.getDefiningOp<BroadcastOp>()) {
      product.broadcasts.push_back(broadcast);
      operand = broadcast.getX();
      continue;
    }
    product.op = operand.getDefiningOp<BinaryOp>();
    if (!product.op || product.op.getKind() != BinaryKind::mul) return std::nullopt;
    return product;
  }
  return std::nullopt;
}

/// A factor with the shape of the sum.
Value spread(Builder& b, const Product& product, Value factor) {
  for (BroadcastOp broadcast : llvm::reverse(product.broadcasts)) factor = b.broadcast(factor, broadcast.getShape(), broadcast.getDims());
  return factor;
}

void fuse(BinaryOp sum) {
  bool subtract = sum.getKind() == BinaryKind::sub;
  if ((!subtract && sum.getKind() != BinaryKind::add) || !mlir::isa<mlir::FloatType>(elementType(sum.getResult()))) return;
  auto product = fusable(sum, sum.getA());
  bool left = product.has_value();
  if (!left) product = fusable(sum, sum.getB());
  if (!product) return;
  mlir::OpBuilder at(sum);
  Builder b(at, sum.getLoc());
  Value x = product->op.getA(), y = product->op.getB(), addend = left ? sum.getB() : sum.getA();
  if (subtract && left) addend = b.neg(addend);
  if (subtract && !left) x = b.neg(x);
  Value fused = b.one("fma", {spread(b, *product, x), spread(b, *product, y), addend});
  sum.getResult().replaceAllUsesWith(fused);
  sum.erase();
  for (BroadcastOp broadcast : product->broadcasts) broadcast.erase();
  product->op.erase();
}

}  // namespace

void formFma(mlir::Region& region) {
  for (mlir::Block& block : region)
    for (mlir::Operation& op : llvm::make_early_inc_range(block)) {
      for (mlir::Region& inner : op.getRegions()) formFma(inner);
      if (auto sum = mlir::dyn_cast<BinaryOp>(op)) fuse(sum);
    }
}

void formFma(mlir::ModuleOp module) { formFma(module.getBodyRegion()); }

}  // namespace nuthatch::passes
