#pragma once
// The dialect `nh`: generated operation classes and the types they use.
#include <mlir/Bytecode/BytecodeOpInterface.h>
#include <mlir/IR/Builders.h>
#include <mlir/IR/BuiltinAttributes.h>
#include <mlir/IR/BuiltinTypes.h>
#include <mlir/IR/Dialect.h>
#include <mlir/IR/OpDefinition.h>
#include <mlir/IR/OpImplementation.h>
#include <mlir/Interfaces/SideEffectInterfaces.h>

#include "nuthatch/dtype.h"

namespace nuthatch::detail {}
namespace nuthatch::ir {
/// Verifier shared by all operations: result types must be those the registered shape rule computes; control
/// operations are checked against what their regions yield.
mlir::LogicalResult verifyByShapeRule(mlir::Operation*);

namespace api = ::nuthatch::detail;  // (`detail` alone is a namespace of the generated code here)
}  // namespace nuthatch::ir

#include "NhDialect.h.inc"
#include "NhEnums.h.inc"
#define GET_OP_CLASSES
#include "NhOps.h.inc"

namespace nuthatch::ir {

inline mlir::RankedTensorType tensorType(mlir::Value v) { return mlir::cast<mlir::RankedTensorType>(v.getType()); }
inline llvm::ArrayRef<int64_t> shapeOf(mlir::Value v) { return tensorType(v).getShape(); }
inline mlir::Type elementType(mlir::Value v) { return tensorType(v).getElementType(); }

mlir::Type elementType(mlir::MLIRContext*, Dtype);
Dtype dtypeOf(mlir::Type elementType);
inline mlir::RankedTensorType tensorType(mlir::MLIRContext* c, Dtype d, llvm::ArrayRef<int64_t> shape) {
  return mlir::RankedTensorType::get(shape, elementType(c, d));
}
/// "f64[3, 4]".
std::string describe(mlir::Type);

}  // namespace nuthatch::ir
