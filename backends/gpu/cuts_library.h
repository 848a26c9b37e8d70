#pragma once
// Operations that cuBLAS and cuSOLVER do.
#include <optional>

#include "backends/gpu/cuts.h"
#include "ir/dialect/dialect.h"
#include "passes/loops/lane_variance.h"

namespace nuthatch::gpu {

/// What differs between chains. What one kernel computes with a branch or a loop is all of one kind.
passes::LaneVariance varianceOf(mlir::Block&, llvm::ArrayRef<bool> varyingArguments, const CutOptions&);

/// A matrix product that is worth a call. `values` of the matrices are for the caller to fill in: a is the first operand of
/// the operation unless `swapped`.
struct FoundProduct {
  Product product;
  bool swapped = false;
};
std::optional<FoundProduct> asProduct(ir::DotGeneralOp, const passes::LaneVariance&, const CutOptions&);

/// Name of the foreign function that stands for the factorisation of a positive definite matrix in a program being cut:
/// x -> (factor, info), see Factor.
inline constexpr llvm::StringLiteral kFactor = "nuthatch.gpu.factor";

/// Of nh.cholesky, nh.cholesky_pullback.
bool isLargeFactorisation(mlir::Operation*, const passes::LaneVariance&, const CutOptions&);
/// Of a call of kFactor.
bool isFactor(mlir::Operation*);
bool isLargeSubstitution(mlir::Operation*, const passes::LaneVariance&, const CutOptions&);

/// One matrix for all chains, and a vector of each.
bool hasChainsAsColumns(ir::TriangularSolveOp, const passes::LaneVariance&);

/// Any of these.
bool isLibraryOperation(mlir::Operation*, const passes::LaneVariance&, const CutOptions&);

/// A for loop without inputs that come in slices; a while loop whose condition is one of its carries.
bool isPreparedLoop(mlir::Operation*);

/// Whether a loop's body has such an operation, not inside a branch.
bool isCutLoop(mlir::Operation*, const passes::LaneVariance&, const CutOptions&);

}  // namespace nuthatch::gpu
