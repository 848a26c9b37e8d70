#pragma once
// Structural checks of the operations with regions: arguments and yielded values against operands and results.
#include "ir/dialect/dialect.h"

namespace nuthatch::ir {
mlir::LogicalResult verifyRegions(mlir::Operation*);
}  // namespace nuthatch::ir
