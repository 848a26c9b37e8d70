#include "ir/ops/attributes.h"

#include "ir/ops/elements.h"
#include "ir/ops/rules.h"

namespace nuthatch::ir {

std::int64_t Attributes::integer(const char* name) const { return op->getAttrOfType<mlir::IntegerAttr>(name).getInt(); }
bool Attributes::flag(const char* name) const { return op->getAttrOfType<mlir::BoolAttr>(name).getValue(); }
int Attributes::kind() const { return int(integer("kind")); }
std::vector<std::int64_t> Attributes::list(const char* name) const {
  return op->getAttrOfType<mlir::DenseI64ArrayAttr>(name).asArrayRef().vec();
}
std::string Attributes::text(const char* name) const { return op->getAttrOfType<mlir::StringAttr>(name).str(); }
Array Attributes::constant() const { return arrayOf(op->getAttrOfType<mlir::ElementsAttr>("value")); }

void registerEval(const char* mnemonic, EvalRule rule) { rulesOf(llvm::StringRef(mnemonic)).eval = rule; }

Array allocate(mlir::Type type) {
  auto t = mlir::cast<mlir::RankedTensorType>(type);
  return Array(dtypeOf(t.getElementType()), Shape(t.getShape().vec()));
}

Array arrayOf(mlir::ElementsAttr elements) {
  Array out = allocate(elements.getShapedType());
  std::int64_t n = out.num_elements();
  if (n == 0) return out;
  if (out.dtype == Dtype::bool_) {
    std::int64_t i = 0;
    for (bool b : elements.getValues<bool>()) out.as<bool>()[i++] = b;
    return out;
  }
  std::size_t size = size_of(out.dtype);
  if (auto dense = mlir::dyn_cast<mlir::DenseElementsAttr>(elements)) {
    llvm::ArrayRef<char> raw = dense.getRawData();
    if (!dense.isSplat()) {
      std::memcpy(out.data.get(), raw.data(), out.bytes());
    } else {
      for (std::int64_t i = 0; i < n; ++i) std::memcpy(out.data.get() + std::size_t(i) * size, raw.data(), size);
    }
    return out;
  }
  std::int64_t i = 0;
  for (mlir::Attribute a : elements.getValues<mlir::Attribute>()) {
    llvm::APInt bits = mlir::isa<mlir::FloatAttr>(a) ? mlir::cast<mlir::FloatAttr>(a).getValue().bitcastToAPInt()
                                                     : mlir::cast<mlir::IntegerAttr>(a).getValue();
    std::uint64_t word = bits.getZExtValue();
    std::memcpy(out.data.get() + std::size_t(i++) * size, &word, size);
  }
  return out;
}

mlir::DenseElementsAttr elementsOf(mlir::MLIRContext* context, const Array& a) {
  auto type = tensorType(context, a.dtype, a.shape);
  if (a.dtype == Dtype::bool_) {
    llvm::SmallVector<bool> values(a.as<bool>(), a.as<bool>() + a.num_elements());
    return mlir::DenseElementsAttr::get(type, llvm::ArrayRef<bool>(values));
  }
  llvm::ArrayRef<char> raw(reinterpret_cast<const char*>(a.data.get()), a.bytes());
  return mlir::DenseElementsAttr::getFromRawBuffer(type, raw);
}

}  // namespace nuthatch::ir
