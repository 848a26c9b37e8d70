// The table of operation records and the verifier of operations without regions.
#include "ir/ops/control/verify.h"
#include "ir/ops/rules.h"

namespace nuthatch::ir {

static llvm::StringMap<OpRules>& table() {
  static llvm::StringMap<OpRules> rules;
  return rules;
}

OpRules& rulesOf(llvm::StringRef mnemonic) { return table()[mnemonic]; }

const OpRules& rulesOf(mlir::Operation* op) {
  registerAllRules();
  return table()[op->getName().stripDialect()];
}

static bool supported(mlir::Type type) {
  auto t = mlir::dyn_cast<mlir::RankedTensorType>(type);
  if (!t || !t.hasStaticShape() || t.getEncoding()) return false;
  double elements = 1;  // which integers count
  for (int64_t extent : t.getShape()) elements *= double(extent);
  if (elements > double(int64_t(1) << 56)) return false;
  mlir::Type e = t.getElementType();
  if (e.isF64() || e.isF32()) return true;
  auto i = mlir::dyn_cast<mlir::IntegerType>(e);
  if (!i || i.isSigned()) return false;
  return i.getWidth() == 1 ? i.isSignless() : i.getWidth() == 32 || i.getWidth() == 64;
}

static mlir::LogicalResult verifyResults(mlir::Operation* op, const OpRules& rules) {
  llvm::SmallVector<mlir::RankedTensorType> operands;
  for (mlir::Type t : op->getOperandTypes()) operands.push_back(mlir::cast<mlir::RankedTensorType>(t));
  ShapeInput in{operands, op->getAttrDictionary(), {}};
  Types expected = rules.shape(in);
  if (!in.error.empty()) return op->emitOpError(in.error);
  if (expected.size() != op->getNumResults())
    return op->emitOpError() << "has " << op->getNumResults() << " results, not " << expected.size();
  for (auto [want, have] : llvm::zip(expected, op->getResultTypes()))
    if (want != have)
      return op->emitOpError() << "has result type " << describe(have) << ", but operands and attributes give " << describe(want);
  return mlir::success();
}

static mlir::LogicalResult verifyTypes(mlir::Operation* op, mlir::TypeRange types) {
  for (mlir::Type t : types)
    if (!supported(t))
      return op->emitOpError() << "has a value of type " << t
                               << "; dtypes are i1, i32, i64, ui32, ui64, f32 and f64, shapes static and below 2^56 elements";
  return mlir::success();
}

mlir::LogicalResult verifyByShapeRule(mlir::Operation* op) {
  if (failed(verifyTypes(op, op->getOperandTypes())) || failed(verifyTypes(op, op->getResultTypes()))) return mlir::failure();
  // What is inside regions is verified after the operation around them, whose rule looks at their ends.
  for (mlir::Region& region : op->getRegions())
    for (mlir::Block& block : region) {
      if (failed(verifyTypes(op, block.getArgumentTypes()))) return mlir::failure();
      if (!block.empty() && failed(verifyTypes(op, block.back().getOperandTypes()))) return mlir::failure();
    }
  const OpRules& rules = rulesOf(op);
  return rules.shape ? verifyResults(op, rules) : verifyRegions(op);
}

}  // namespace nuthatch::ir
