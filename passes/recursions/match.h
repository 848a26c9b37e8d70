#pragma once
// The logarithm of a sum of exponentials, as `logsumexp` writes it (ir/api/reductions.cpp).
#include <optional>

#include "ir/dialect/dialect.h"

namespace nuthatch::passes {

struct LogSumExp {
  mlir::Value x;  // before the reduction
  llvm::SmallVector<int64_t> dims;
};

/// v = log(sum(exp(x - m))) + m with m = max(x), zero where that is not finite, and -inf where the sum is zero; seen
/// through reshapes of v.
std::optional<LogSumExp> matchLogSumExp(mlir::Value v);

mlir::Value withoutReshapes(mlir::Value);

}  // namespace nuthatch::passes
