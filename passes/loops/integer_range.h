#pragma once
// Bounds of integer values that follow from literals, loop counters and iotas: what shows that an index is not negative.
#include <optional>

#include "ir/dialect/dialect.h"

namespace nuthatch::passes {

/// Inclusive; holds for every element.
struct Range {
  int64_t low, high;
};
std::optional<Range> rangeOf(mlir::Value);

/// Whether the comparison has one answer for all values in range.
std::optional<bool> decided(ir::CompareOp);

}  // namespace nuthatch::passes
