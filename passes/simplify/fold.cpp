// Constant folding: operations on literals are evaluated by their reference rules.
#include <cstring>

#include "ir/interpreter/fold.h"
#include "passes/simplify/patterns.h"

namespace nuthatch::passes {

using namespace ir;

static mlir::ElementsAttr literal(mlir::Value v) {
  auto constant = v.getDefiningOp<ConstantOp>();
  return constant ? constant.getValue() : mlir::ElementsAttr();
}

static std::optional<mlir::DenseElementsAttr> splat(mlir::Value v) {
  auto dense = mlir::dyn_cast_or_null<mlir::DenseElementsAttr>(literal(v));
  if (!dense || !dense.isSplat()) return std::nullopt;
  return dense;
}
std::optional<double> splatFloat(mlir::Value v) {
  auto dense = splat(v);
  if (!dense || !mlir::isa<mlir::FloatType>(dense->getElementType())) return std::nullopt;
  return dense->getSplatValue<llvm::APFloat>().convertToDouble();
}
std::optional<int64_t> splatInteger(mlir::Value v) {
  auto dense = splat(v);
  if (!dense || !mlir::isa<mlir::IntegerType>(dense->getElementType())) return std::nullopt;
  auto type = mlir::cast<mlir::IntegerType>(dense->getElementType());
  llvm::APInt value = dense->getSplatValue<llvm::APInt>();
  return type.isUnsigned() || type.getWidth() == 1 ? int64_t(value.getZExtValue()) : value.getSExtValue();
}
std::optional<bool> constantBool(mlir::Value v) {
  if (!elementType(v).isInteger(1)) return std::nullopt;
  auto value = splatInteger(v);
  return value ? std::optional<bool>(*value != 0) : std::nullopt;
}

namespace {

/// Equal elements are stored once.
mlir::ElementsAttr compact(mlir::ElementsAttr value) {
  auto dense = mlir::cast<mlir::DenseElementsAttr>(value);
  if (dense.isSplat() || dense.empty()) return dense;
  auto elements = dense.getValues<mlir::Attribute>();
  mlir::Attribute first = *elements.begin();
  if (!llvm::all_of(elements, [&](mlir::Attribute a) { return a == first; })) return dense;
  return mlir::DenseElementsAttr::get(dense.getType(), first);
}

class Fold final : public mlir::RewritePattern {
 public:
  explicit Fold(mlir::MLIRContext* context) : RewritePattern(MatchAnyOpTypeTag(), 10, context) {}
  mlir::LogicalResult matchAndRewrite(mlir::Operation* op, mlir::PatternRewriter& rewriter) const override {
    // An iota or a repeated array is cheaper to make than to store.
    if (op->getNumOperands() == 0 || op->getNumResults() != 1 || op->getNumRegions() != 0) return mlir::failure();
    if (mlir::isa<BroadcastOp>(op) && !splat(op->getOperand(0))) return mlir::failure();
    llvm::SmallVector<mlir::Attribute> operands;
    for (mlir::Value v : op->getOperands()) {
      operands.push_back(literal(v));
      if (!operands.back()) return mlir::failure();
    }
    auto type = mlir::cast<mlir::RankedTensorType>(op->getResult(0).getType());
    if (mlir::isa<BroadcastOp>(op)) {
      mlir::Attribute element = splat(op->getOperand(0))->getSplatValue<mlir::Attribute>();
      rewriter.replaceOpWithNewOp<ConstantOp>(op, type, mlir::DenseElementsAttr::get(type, element));
      return mlir::success();
    }
    mlir::ElementsAttr value = foldOp(op, operands);
    if (!value) return mlir::failure();
    rewriter.replaceOpWithNewOp<ConstantOp>(op, type, compact(value));
    return mlir::success();
  }
};

}  // namespace

void addFolding(mlir::RewritePatternSet& set) { set.add<Fold>(set.getContext()); }

}  // namespace nuthatch::passes
