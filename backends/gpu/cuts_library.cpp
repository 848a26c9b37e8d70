#include "backends/gpu/cuts_library.h"

#include <algorithm>

namespace nuthatch::gpu {
namespace {

using mlir::Operation;
using mlir::Value;

/// Some dimensions of an array as one.
struct Dimension {
  std::int64_t extent = 1, stride = 1;
};

/// Dimensions that lie in memory as one of this stride; nothing where they do not.
std::optional<Dimension> merged(llvm::ArrayRef<std::int64_t> shape, llvm::ArrayRef<std::int64_t> dims) {
  std::vector<std::int64_t> strides(shape.size(), 1);
  for (std::size_t d = shape.size(); d-- > 1;) strides[d - 1] = strides[d] * shape[d];
  Dimension out;
  for (auto d : llvm::reverse(dims)) {
    if (shape[d] == 1) continue;
    if (out.extent == 1) out = {shape[d], strides[d]};
    else if (strides[d] == out.extent * out.stride) out.extent *= shape[d];
    else return std::nullopt;
  }
  return out;
}

/// An operand of a product: its dimensions, and whether it differs between chains.
struct Side {
  Dimension batch, rows, summed;
  std::int64_t elements = 1;
  bool varies = false;

  /// All chains' rows are the rows of one matrix.
  bool chainsAreRows() const { return rows.extent == 1 || rows.extent * rows.stride == elements; }
  Matrix asLeft() const { return {-1, rows.extent == 1 && varies ? elements : rows.stride, summed.stride, 0}; }
};

std::optional<Side> sideOf(Value v, llvm::ArrayRef<std::int64_t> batch, llvm::ArrayRef<std::int64_t> contract, bool varies) {
  const auto shape = ir::shapeOf(v);
  std::vector<std::int64_t> free;
  for (std::int64_t d = 0; d < std::int64_t(shape.size()); ++d)
    if (!llvm::is_contained(batch, d) && !llvm::is_contained(contract, d)) free.push_back(d);
  auto b = merged(shape, batch), r = merged(shape, free), s = merged(shape, contract);
  if (!b || !r || !s) return std::nullopt;
  Side side{*b, *r, *s, ir::tensorType(v).getNumElements(), varies};
  if (b->extent > 1 && b->extent * b->stride != side.elements) return std::nullopt;
  return side;
}

bool oneIsOne(const Matrix& x) { return x.row_stride == 1 || x.column_stride == 1; }

/// Per chain and batch element a product of its own.
Product batched(const Side& left, const Side& right) {
  Product p;
  p.m = left.rows.extent, p.n = right.rows.extent, p.k = left.summed.extent, p.batch = left.batch.extent;
  p.batch_of_chains = left.varies || right.varies;
  auto stride = [&](const Side& s) { return s.batch.extent > 1 ? s.batch.stride : s.varies ? s.elements : 0; };
  p.a = {-1, left.rows.stride, left.summed.stride, stride(left)};
  p.b = {-1, right.summed.stride, right.rows.stride, stride(right)};
  p.c = {-1, p.n, 1, p.m * p.n};
  return p;
}

/// One product for all chains: each has rows of the left matrix, the right one is the same for all.
Product stacked(const Side& left, const Side& right) {
  Product p;
  p.m = left.rows.extent, p.n = right.rows.extent, p.k = left.summed.extent;
  p.rows_of_chains = true;
  p.a = left.asLeft();
  p.b = {-1, right.summed.stride, right.rows.stride, 0};
  p.c = {-1, p.n, 1, 0};
  return p;
}

bool worthwhile(const Product& p, const CutOptions& o) {
  const std::int64_t m = p.rows_of_chains ? p.m * o.chains : p.m, batch = p.batch_of_chains ? p.batch * o.chains : p.batch;
  if (std::min({m, p.n, p.k}) < o.least_extent || !oneIsOne(p.a) || !oneIsOne(p.b)) return false;
  return 2.0 * double(m) * double(p.n) * double(p.k) * double(batch) >= double(o.least_flops);
}

/// Whether something in the operation, or around it, that it uses differs between chains.
bool usesVarying(Operation* op, const passes::LaneVariance& variance) {
  bool found = false;
  op->walk([&](Operation* inner) { found = found || variance.anyVaries(inner->getOperands()); });
  return found;
}

/// Matrices so large, and so few, that one call after the other fills the device.
bool areFewAndLarge(Value matrices, bool varies, const CutOptions& o) {
  const auto shape = ir::shapeOf(matrices);
  std::int64_t count = varies ? o.chains : 1;
  for (auto extent : shape.drop_back(2)) count *= extent;
  return shape[shape.size() - 2] >= o.least_rows && count <= o.most_calls;
}

}  // namespace

passes::LaneVariance varianceOf(mlir::Block& block, llvm::ArrayRef<bool> varyingArguments, const CutOptions& o) {
  passes::LaneVariance variance(block, varyingArguments);
  for (;;) {
    auto varying = variance.values();
    const auto before = varying.size();
    block.walk([&](Operation* op) {
      if (op->getNumRegions() == 0 || isCutLoop(op, variance, o) || !usesVarying(op, variance)) return;
      varying.insert(op->getResults().begin(), op->getResults().end());
    });
    if (varying.size() == before) return variance;
    variance = passes::LaneVariance(block, varyingArguments, varying);
  }
}

std::optional<FoundProduct> asProduct(ir::DotGeneralOp op, const passes::LaneVariance& variance, const CutOptions& o) {
  const Dtype dtype = ir::dtypeOf(ir::elementType(op.getResult()));
  if (dtype != Dtype::f64 && dtype != Dtype::f32) return std::nullopt;
  auto left = sideOf(op.getLhs(), op.getLhsBatch(), op.getLhsContract(), variance.varies(op.getLhs()));
  auto right = sideOf(op.getRhs(), op.getRhsBatch(), op.getRhsContract(), variance.varies(op.getRhs()));
  if (!left || !right) return std::nullopt;
  // Batch elements of an array that all chains share, for each chain anew: two strides, which no call has.
  if (left->batch.extent > 1 && left->varies != right->varies) return std::nullopt;

  FoundProduct found;
  const bool single = left->batch.extent == 1;
  if (single && left->varies && !right->varies && left->chainsAreRows()) {
    found.product = stacked(*left, *right);
  } else if (single && right->varies && !left->varies && right->rows.extent == 1) {
    found.product = stacked(*right, *left);
    found.swapped = true;
  } else {
    found.product = batched(*left, *right);
  }
  found.product.dtype = dtype;
  if (!worthwhile(found.product, o)) return std::nullopt;
  return found;
}

bool isLargeFactorisation(Operation* op, const passes::LaneVariance& variance, const CutOptions& o) {
  return mlir::isa<ir::CholeskyOp, ir::CholeskyPullbackOp>(op) && areFewAndLarge(op->getResult(0), variance.varies(op->getResult(0)), o);
}

bool isFactor(Operation* op) {
  auto call = mlir::dyn_cast<ir::CustomCallOp>(op);
  return call && call.getFunction() == kFactor;
}

bool hasChainsAsColumns(ir::TriangularSolveOp op, const passes::LaneVariance& variance) {
  const auto shape = ir::shapeOf(op.getB());
  return shape.size() == 2 && shape[1] == 1 && !variance.varies(op.getA()) && variance.varies(op.getB());
}

bool isLargeSubstitution(Operation* op, const passes::LaneVariance& variance, const CutOptions& o) {
  auto solve = mlir::dyn_cast<ir::TriangularSolveOp>(op);
  return solve && areFewAndLarge(solve.getResult(), variance.varies(solve.getResult()) && !hasChainsAsColumns(solve, variance), o);
}

bool isLibraryOperation(Operation* op, const passes::LaneVariance& variance, const CutOptions& o) {
  if (auto dot = mlir::dyn_cast<ir::DotGeneralOp>(op)) return asProduct(dot, variance, o).has_value();
  return isFactor(op) || isLargeSubstitution(op, variance, o);
}

bool isPreparedLoop(Operation* op) {
  if (auto loop = mlir::dyn_cast<ir::ForOp>(op)) return loop.getInputs().size() == std::size_t(loop.getNumCarries());
  mlir::Block& condition = mlir::cast<ir::WhileOp>(op).getCond().front();
  return &condition.front() == condition.getTerminator() && mlir::isa<mlir::BlockArgument>(condition.getTerminator()->getOperand(0));
}

bool isCutLoop(Operation* op, const passes::LaneVariance& variance, const CutOptions& o) {
  mlir::Block* body = nullptr;
  if (auto loop = mlir::dyn_cast<ir::WhileOp>(op)) body = &loop.getBody().front();
  if (auto loop = mlir::dyn_cast<ir::ForOp>(op); loop && std::int64_t(loop.getTrip()) > 0) body = &loop.getBody().front();
  return body && llvm::any_of(*body, [&](Operation& inner) {
    return isLibraryOperation(&inner, variance, o) || isCutLoop(&inner, variance, o);
  });
}

}  // namespace nuthatch::gpu
