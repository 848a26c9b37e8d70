#include "ir/ops/builder.h"

#include <numeric>

#include "ir/ops/rules.h"
#include "nuthatch/error.h"

namespace nuthatch::ir {

mlir::Operation* Builder::op(llvm::StringRef mnemonic, mlir::ValueRange operands, llvm::ArrayRef<mlir::NamedAttribute> attrs) {
  registerAllRules();
  llvm::SmallVector<mlir::RankedTensorType> types;
  for (Value v : operands) types.push_back(tensorType(v));
  ShapeInput in{types, b.getDictionaryAttr(attrs), {}};
  Types results = rulesOf(mnemonic).shape(in);
  if (!in.error.empty()) throw Error(mnemonic.str() + ": " + in.error);
  mlir::OperationState state(loc, ("nh." + mnemonic).str());
  state.addOperands(operands);
  state.addAttributes(attrs);
  state.addTypes(llvm::SmallVector<mlir::Type>(results.begin(), results.end()));
  return b.create(state);
}

mlir::NamedAttribute Builder::attr(llvm::StringRef name, Dims list) { return b.getNamedAttr(name, b.getDenseI64ArrayAttr(list)); }
mlir::NamedAttribute Builder::attr(llvm::StringRef name, int64_t n) { return b.getNamedAttr(name, b.getI64IntegerAttr(n)); }
mlir::NamedAttribute Builder::flag(llvm::StringRef name, bool value) { return b.getNamedAttr(name, b.getBoolAttr(value)); }
mlir::NamedAttribute Builder::kind(uint32_t value) { return b.getNamedAttr("kind", b.getI32IntegerAttr(int32_t(value))); }

Builder::Value Builder::unary(UnaryKind k, Value x) { return one("unary", x, kind(uint32_t(k))); }
Builder::Value Builder::binary(BinaryKind k, Value x, Value y) { return one("binary", {x, y}, kind(uint32_t(k))); }
Builder::Value Builder::ternary(TernaryKind k, Value x, Value y, Value z) {
  return one("ternary", {x, y, z}, kind(uint32_t(k)));
}
Builder::Value Builder::compare(CompareKind k, Value x, Value y) { return one("compare", {x, y}, kind(uint32_t(k))); }

Builder::Value Builder::convert(Value x, mlir::Type element) {
  if (elementType(x) == element) return x;
  return one("convert", x, b.getNamedAttr("dtype", mlir::TypeAttr::get(element)));
}

Builder::Value Builder::splat(mlir::RankedTensorType type, double value) {
  mlir::Type element = type.getElementType();
  mlir::Attribute scalar;
  if (auto integer = mlir::dyn_cast<mlir::IntegerType>(element))
    scalar = mlir::IntegerAttr::get(element, llvm::APInt(integer.getWidth(), uint64_t(int64_t(value)), false, true));
  else
    scalar = b.getFloatAttr(element, value);
  mlir::Attribute elements = mlir::DenseElementsAttr::get(type, scalar);
  return one("constant", {}, b.getNamedAttr("value", elements));
}

Builder::Value Builder::scalar(int64_t value) {
  auto type = tensorType(b.getContext(), Dtype::i64, {});
  mlir::Attribute elements = mlir::DenseElementsAttr::get(type, value);
  return one("constant", {}, b.getNamedAttr("value", elements));
}

Builder::Value Builder::broadcast(Value x, Dims shape, Dims dims) {
  return one("broadcast", x, {attr("shape", shape), attr("dims", dims)});
}
Builder::Value Builder::reshape(Value x, Dims shape) { return one("reshape", x, attr("shape", shape)); }
Builder::Value Builder::transpose(Value x, Dims perm) { return one("transpose", x, attr("perm", perm)); }
Builder::Value Builder::slice(Value x, Dims start, Dims limit, Dims stride) {
  return one("slice", x, {attr("start", start), attr("limit", limit), attr("stride", stride)});
}
Builder::Value Builder::reverse(Value x, Dims dims) { return one("reverse", x, attr("dims", dims)); }
Builder::Value Builder::pad(Value x, Dims low, Dims high, Dims interior, Value value) {
  return one("pad", {x, value}, {attr("low", low), attr("high", high), attr("interior", interior)});
}
Builder::Value Builder::concatenate(mlir::ValueRange xs, int64_t dim) { return one("concatenate", xs, attr("dim", dim)); }
Builder::Value Builder::iota(mlir::Type element, Dims shape, int64_t dim) {
  return one("iota", {}, {b.getNamedAttr("dtype", mlir::TypeAttr::get(element)), attr("shape", shape), attr("dim", dim)});
}

Builder::Value Builder::reduce(ReduceKind k, Value x, Dims dims) {
  llvm::SmallVector<int64_t> increasing(dims);
  llvm::sort(increasing);
  return one("reduce", x, {kind(uint32_t(k)), attr("dims", Dims(increasing))});
}

Builder::Value Builder::total(Value x) {
  llvm::SmallVector<int64_t> all(shapeOf(x).size());
  std::iota(all.begin(), all.end(), 0);
  return sum(x, all);
}

Builder::Value Builder::dot(Value lhs, Value rhs, Dims lhsBatch, Dims rhsBatch, Dims lhsContract, Dims rhsContract) {
  return one("dot_general", {lhs, rhs}, {attr("lhs_batch", lhsBatch), attr("rhs_batch", rhsBatch),
                                         attr("lhs_contract", lhsContract), attr("rhs_contract", rhsContract)});
}

static llvm::SmallVector<mlir::Value> prepend(std::initializer_list<mlir::Value> first, mlir::ValueRange rest) {
  llvm::SmallVector<mlir::Value> all(first);
  all.append(rest.begin(), rest.end());
  return all;
}
Builder::Value Builder::dynamicSlice(Value x, mlir::ValueRange starts, Dims sizes) {
  return one("dynamic_slice", prepend({x}, starts), attr("sizes", sizes));
}
Builder::Value Builder::dynamicUpdateSlice(Value x, Value update, mlir::ValueRange starts) {
  return one("dynamic_update_slice", prepend({x, update}, starts));
}

}  // namespace nuthatch::ir
