// Shape and cost rules of dynamic_slice, dynamic_update_slice, gather and scatter.
#include "ir/ops/shape_support.h"

namespace nuthatch::ir {
namespace {
using namespace shapes;

/// The first type among `starts` that is not tensor<i64>, if any.
const mlir::RankedTensorType* wrongIndex(llvm::ArrayRef<mlir::RankedTensorType> starts) {
  for (auto& t : starts)
    if (!isIndexScalar(t)) return &t;
  return nullptr;
}

Types dynamicSlice(ShapeInput& in) {
  Dims sizes = in.list("sizes"), from = in.shape(0);
  auto starts = in.operands.drop_front();
  if (sizes.size() != from.size())
    return fail(in, 1, "sizes ", sizes, " need one entry for each dimension of ", in.operands[0]);
  if (starts.size() != from.size())
    return fail(in, 2, int64_t(starts.size()), " start indices for the dimensions of ", in.operands[0]);
  if (auto* t = wrongIndex(starts)) return fail(in, 3, "a start index is ", *t, ", not i64[]");
  for (size_t i = 0; i < sizes.size(); ++i)
    if (sizes[i] < 0 || sizes[i] > from[i])
      return fail(in, 4, "a block of extents ", sizes, " does not fit into ", in.operands[0]);
  return one(in.element(0), sizes);
}

Types dynamicUpdateSlice(ShapeInput& in) {
  auto starts = in.operands.drop_front(2);
  if (in.element(0) != in.element(1) || in.shape(0).size() != in.shape(1).size())
    return fail(in, 1, "operand and update differ in dtype or rank: ", in.operands[0], " and ", in.operands[1]);
  if (starts.size() != in.shape(0).size())
    return fail(in, 2, int64_t(starts.size()), " start indices for the dimensions of ", in.operands[0]);
  if (auto* t = wrongIndex(starts)) return fail(in, 3, "a start index is ", *t, ", not i64[]");
  for (size_t i = 0; i < in.shape(0).size(); ++i)
    if (in.shape(1)[i] > in.shape(0)[i])
      return fail(in, 4, "the update ", in.operands[1], " does not fit into ", in.operands[0]);
  return {in.operands[0]};
}

/// What gather and scatter share: how index vectors address the operand. `removed` are the operand dimensions of
/// block extent one that the block does not keep (collapsed_dims or inserted_dims). Constraints 1 to 6.
bool checkIndexing(ShapeInput& in, llvm::StringRef removedName) {
  Dims removed = in.list(removedName), operandBatch = in.list("operand_batch_dims"),
       indicesBatch = in.list("indices_batch_dims"), map = in.list("index_map");
  auto x = in.operands[0], indices = in.operands[1];
  if (dtypeOf(indices.getElementType()) != Dtype::i64 || indices.getRank() < 1) {
    fail(in, 1, "the indices are ", indices, ", not i64 of rank 1 or more");
    return false;
  }
  if (!increasingBelow(removed, x.getRank()) || !increasingBelow(operandBatch, x.getRank()) || !disjoint(removed, operandBatch)) {
    fail(in, 2, removedName, " ", removed, " and operand_batch_dims ", operandBatch,
         " must be disjoint increasing dimensions of ", x);
    return false;
  }
  if (!distinctBelow(indicesBatch, indices.getRank() - 1)) {
    fail(in, 3, "indices_batch_dims ", indicesBatch, " must be distinct dimensions of ", indices, " other than the last");
    return false;
  }
  if (operandBatch.size() != indicesBatch.size()) {
    fail(in, 4, "operand_batch_dims ", operandBatch, " and indices_batch_dims ", indicesBatch, " differ in number");
    return false;
  }
  for (size_t i = 0; i < operandBatch.size(); ++i)
    if (x.getDimSize(operandBatch[i]) != indices.getDimSize(indicesBatch[i])) {
      fail(in, 5, "batch extents differ: ", x, " dim ", operandBatch[i], " and ", indices, " dim ", indicesBatch[i]);
      return false;
    }
  if (int64_t(map.size()) != indices.getShape().back() || !distinctBelow(map, x.getRank()) || !disjoint(map, operandBatch)) {
    fail(in, 6, "index_map ", map, " must give each entry of the index vectors of ", indices,
         " a different dimension of ", x, " that is no batch dimension");
    return false;
  }
  return true;
}

Types gather(ShapeInput& in) {
  if (!checkIndexing(in, "collapsed_dims")) return {};
  Dims offset = in.list("offset_dims"), collapsed = in.list("collapsed_dims"), operandBatch = in.list("operand_batch_dims"),
       sizes = in.list("slice_sizes"), from = in.shape(0), indices = in.shape(1);
  if (sizes.size() != from.size())
    return fail(in, 7, "slice_sizes ", sizes, " need one entry for each dimension of ", in.operands[0]);
  llvm::SmallVector<int64_t> block;
  for (size_t d = 0; d < from.size(); ++d) {
    if (sizes[d] < 0 || sizes[d] > from[d])
      return fail(in, 8, "a block of extents ", sizes, " does not fit into ", in.operands[0]);
    bool removed = contains(collapsed, int64_t(d)) || contains(operandBatch, int64_t(d));
    if (removed && sizes[d] > 1)
      return fail(in, 9, "slice_sizes ", sizes, " must be at most 1 at the collapsed and batch dimension ", int64_t(d));
    if (!removed) block.push_back(sizes[d]);
  }
  int64_t rank = int64_t(block.size() + indices.size() - 1);
  if (offset.size() != block.size() || !increasingBelow(offset, rank))
    return fail(in, 10, "offset_dims ", offset, " must be ", int64_t(block.size()), " increasing dimensions of a result of rank ", rank);
  llvm::SmallVector<int64_t> shape;
  for (int64_t d = 0, b = 0, i = 0; d < rank; ++d)
    shape.push_back(contains(offset, d) ? block[size_t(b++)] : indices[size_t(i++)]);
  return one(in.element(0), shape);
}

Types scatter(ShapeInput& in) {
  if (!checkIndexing(in, "inserted_dims")) return {};
  Dims window = in.list("window_dims"), inserted = in.list("inserted_dims"), operandBatch = in.list("operand_batch_dims"),
       into = in.shape(0), indices = in.shape(1), updates = in.shape(2);
  if (in.element(0) != in.element(2))
    return fail(in, 7, "operand and updates differ in dtype: ", in.operands[0], " and ", in.operands[2]);
  if (ScatterKind(in.integer("kind")) != ScatterKind::set && isBool(in.element(0)))
    return fail(in, 8, stringifyScatterKind(ScatterKind(in.integer("kind"))), " takes numbers, not ", in.operands[0]);
  llvm::SmallVector<int64_t> block;
  for (size_t d = 0; d < into.size(); ++d)
    if (!contains(inserted, int64_t(d)) && !contains(operandBatch, int64_t(d))) block.push_back(into[d]);
  if (window.size() != block.size() || !increasingBelow(window, int64_t(updates.size())))
    return fail(in, 9, "window_dims ", window, " must be ", int64_t(block.size()), " increasing dimensions of the updates ",
                in.operands[2]);
  if (updates.size() != window.size() + indices.size() - 1)
    return fail(in, 10, "the updates ", in.operands[2], " do not have one dimension for each of the ", int64_t(window.size()),
                " window dimensions and of the index dimensions of ", in.operands[1]);
  for (size_t d = 0, b = 0, i = 0; d < updates.size(); ++d) {
    bool isWindow = contains(window, int64_t(d));
    if (isWindow ? updates[d] > block[b++] : updates[d] != indices[i++])
      return fail(in, 11, "dim ", int64_t(d), " of the updates ", in.operands[2], isWindow ? " does not fit into " : " differs from that of the indices ",
                  in.operands[isWindow ? 0 : 1]);
  }
  return {in.operands[0]};
}

double unitCost(mlir::Operation*) { return 1; }
double indexedCost(mlir::Operation*) { return 4; }

}  // namespace

void registerIndexingShape() {
  auto set = [](llvm::StringRef op, ShapeRule shape, CostRule cost) {
    rulesOf(op).shape = shape;
    rulesOf(op).cost = cost;
  };
  set("dynamic_slice", dynamicSlice, unitCost);
  set("dynamic_update_slice", dynamicUpdateSlice, unitCost);
  set("gather", gather, indexedCost);
  set("scatter", scatter, indexedCost);
}

}  // namespace nuthatch::ir
