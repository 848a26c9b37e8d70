#pragma once
// Concrete arrays and the attributes of nh.constant.
#include "ir/dialect/dialect.h"
#include "nuthatch/detail/array.h"

namespace nuthatch::ir {
::nuthatch::detail::Array arrayOf(mlir::ElementsAttr);
mlir::DenseElementsAttr elementsOf(mlir::MLIRContext*, const ::nuthatch::detail::Array&);
/// Uninitialised, of a tensor type.
::nuthatch::detail::Array allocate(mlir::Type);
}  // namespace nuthatch::ir
