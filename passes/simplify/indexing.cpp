// Indices that are known, or bounded by loop counters, or the same as those just written.
#include "passes/loops/integer_range.h"
#include "passes/simplify/patterns.h"

namespace nuthatch::passes {
namespace {

using namespace ir;
using llvm::SmallVector;
using mlir::Value;
using mlir::ValueRange;
using Dims = llvm::ArrayRef<int64_t>;
using List = SmallVector<int64_t>;

/// The clamped starts of a block, if all are literals or the block is as long as the array.
std::optional<List> knownStarts(ValueRange starts, Dims extents, Dims sizes) {
  List known;
  for (auto [start, extent, size] : llvm::zip_equal(starts, extents, sizes)) {
    auto n = extent == size ? std::optional<int64_t>(0) : splatInteger(start);
    if (!n) return std::nullopt;
    known.push_back(std::clamp<int64_t>(*n, 0, extent - size));
  }
  return known;
}
bool sameBlock(ValueRange starts, Dims sizes, ValueRange otherStarts, Dims otherSizes) {
  return llvm::equal(starts, otherStarts) && sizes == otherSizes;
}

Value dynamicSlice(DynamicSliceOp op, Builder& b) {
  Value x = op.getX();
  if (auto starts = knownStarts(op.getStarts(), shapeOf(x), op.getSizes())) {
    List limit, stride(starts->size(), 1);
    for (auto [s, n] : llvm::zip_equal(*starts, op.getSizes())) limit.push_back(s + n);
    return b.slice(x, *starts, limit, stride);
  }
  auto update = x.getDefiningOp<DynamicUpdateSliceOp>();
  if (update && sameBlock(op.getStarts(), op.getSizes(), update.getStarts(), shapeOf(update.getUpdate()))) return update.getUpdate();
  return {};
}

Value dynamicUpdateSlice(DynamicUpdateSliceOp op, Builder& b) {
  if (op.getUpdate().getType() == op.getType()) return op.getUpdate();
  auto inner = op.getX().getDefiningOp<DynamicUpdateSliceOp>();
  if (inner && inner->hasOneUse() &&
      sameBlock(op.getStarts(), shapeOf(op.getUpdate()), inner.getStarts(), shapeOf(inner.getUpdate())))
    return b.dynamicUpdateSlice(inner.getX(), op.getUpdate(), op.getStarts());
  // What is written was there before.
  auto read = op.getUpdate().getDefiningOp<DynamicSliceOp>();
  if (read && read.getX() == op.getX() && llvm::equal(read.getStarts(), op.getStarts())) return op.getX();
  return {};
}

/// Entry k of an index vector as a scalar.
Value entry(Builder& b, Value indices, int64_t k) {
  return b.reshape(b.slice(indices, {k}, {k + 1}, {1}), {});
}

/// A gather at one index vector takes one block.
Value gatherOne(GatherOp op, Builder& b) {
  Value indices = op.getIndices();
  if (shapeOf(indices).size() != 1 || !op.getOperandBatchDims().empty()) return {};
  size_t rank = shapeOf(op.getX()).size();
  SmallVector<Value> starts(rank);
  for (auto [k, d] : llvm::enumerate(op.getIndexMap())) starts[size_t(d)] = entry(b, indices, int64_t(k));
  for (Value& s : starts)
    if (!s) s = b.scalar(0);
  return b.reshape(b.dynamicSlice(op.getX(), starts, op.getSliceSizes()), shapeOf(op.getResult()));
}

/// Rows start, start + stride, ... at literal indices: a slice with the dimension moved to where the result has it.
Value gatherRange(GatherOp op, Builder& b) {
  auto literal = op.getIndices().getDefiningOp<ConstantOp>();
  Dims shape = shapeOf(op.getIndices()), from = shapeOf(op.getX());
  if (!literal || shape.size() != 2 || shape[1] != 1 || shape[0] < 2 || !op.getOperandBatchDims().empty()) return {};
  int64_t dim = op.getIndexMap()[0];
  if (op.getCollapsedDims() != Dims(dim)) return {};
  for (int64_t d = 0; d < int64_t(from.size()); ++d)
    if (d != dim && op.getSliceSizes()[size_t(d)] != from[size_t(d)]) return {};
  List at(mlir::cast<mlir::DenseElementsAttr>(literal.getValue()).getValues<int64_t>());
  int64_t step = at[1] - at[0];
  if (step < 1 || at.front() < 0 || at.back() >= from[size_t(dim)]) return {};
  for (size_t i = 1; i < at.size(); ++i)
    if (at[i] - at[i - 1] != step) return {};
  List start(from.size(), 0), limit(from), stride(from.size(), 1), perm;
  start[size_t(dim)] = at.front();
  limit[size_t(dim)] = at.back() + 1;
  stride[size_t(dim)] = step;
  Value block = b.slice(op.getX(), start, limit, stride);
  int64_t next = 0;
  for (int64_t d = 0; d < int64_t(from.size()); ++d) {
    if (!llvm::is_contained(op.getOffsetDims(), d)) {
      perm.push_back(dim);
      continue;
    }
    if (next == dim) ++next;
    perm.push_back(next++);
  }
  return b.transpose(block, perm);
}

Value compare(CompareOp op, Builder& b) {
  auto answer = decided(op);
  return answer ? b.splat(tensorType(op.getResult()), *answer) : Value();
}

}  // namespace

void addIndexing(mlir::RewritePatternSet& set) {
  add<DynamicSliceOp>(set, dynamicSlice);
  add<DynamicUpdateSliceOp>(set, dynamicUpdateSlice);
  add<CompareOp>(set, compare);
  add<GatherOp>(set, gatherOne);
  add<GatherOp>(set, gatherRange);
}

}  // namespace nuthatch::passes
