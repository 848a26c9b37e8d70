#include "ir/dialect/dialect.h"

#include <llvm/ADT/TypeSwitch.h>

#include "ir/ops/rules.h"
#include "nuthatch/detail/kinds.h"

#include "NhDialect.cpp.inc"
#include "NhEnums.cpp.inc"
#define GET_OP_CLASSES
#include "NhOps.cpp.inc"

namespace nuthatch::ir {

void NhDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "NhOps.cpp.inc"
      >();
}

mlir::Operation* NhDialect::materializeConstant(mlir::OpBuilder& b, mlir::Attribute value, mlir::Type type,
                                                mlir::Location loc) {
  auto elements = mlir::dyn_cast<mlir::ElementsAttr>(value);
  return elements ? ConstantOp::create(b, loc, type, elements) : nullptr;
}

mlir::OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

mlir::Type elementType(mlir::MLIRContext* c, Dtype d) {
  using mlir::IntegerType;
  switch (d) {
    case Dtype::bool_: return IntegerType::get(c, 1);
    case Dtype::i32: return IntegerType::get(c, 32);
    case Dtype::i64: return IntegerType::get(c, 64);
    case Dtype::ui32: return IntegerType::get(c, 32, IntegerType::Unsigned);
    case Dtype::ui64: return IntegerType::get(c, 64, IntegerType::Unsigned);
    case Dtype::f32: return mlir::Float32Type::get(c);
    case Dtype::f64: return mlir::Float64Type::get(c);
  }
  return {};
}

Dtype dtypeOf(mlir::Type t) {
  if (t.isF64()) return Dtype::f64;
  if (t.isF32()) return Dtype::f32;
  auto i = mlir::cast<mlir::IntegerType>(t);
  if (i.getWidth() == 1) return Dtype::bool_;
  if (i.getWidth() == 32) return i.isUnsigned() ? Dtype::ui32 : Dtype::i32;
  return i.isUnsigned() ? Dtype::ui64 : Dtype::i64;
}

std::string describe(mlir::Type type) {
  auto t = mlir::cast<mlir::RankedTensorType>(type);
  return std::string(name(dtypeOf(t.getElementType()))) + to_string(Shape(t.getShape().vec()));
}

// The MLIR-free enums of the API are the dialect's.
#define SAME(A, B, last) static_assert(int(::nuthatch::detail::A::last) == int(B::last) && int(B::last) == getMaxEnumValFor##B())
SAME(Unary, UnaryKind, stop_gradient);
SAME(Binary, BinaryKind, shr);
SAME(Ternary, TernaryKind, betainc_inv);
SAME(Compare, CompareKind, ge);
SAME(Reduce, ReduceKind, any);
SAME(Cumulative, CumulativeKind, logsumexp);
SAME(Scatter, ScatterKind, max);
#undef SAME
static_assert(int(::nuthatch::detail::Unary::is_finite) == int(UnaryKind::is_finite) && int(::nuthatch::detail::Unary::tanh) == int(UnaryKind::tanh));
static_assert(int(::nuthatch::detail::Binary::igamma) == int(BinaryKind::igamma));

}  // namespace nuthatch::ir
