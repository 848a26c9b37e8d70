// Batching of indexing. Indices common to all keep the operation; an index of its own for each element of the new axis
// makes dynamic_slice a gather and dynamic_update_slice a scatter, with the new axis as batch dimension.
#include "ir/ops/batching_support.h"

namespace nuthatch::ir {
namespace {
using namespace batching;
using llvm::SmallVector;
using mlir::Operation;
using mlir::Value;
using mlir::ValueRange;
using Flags = llvm::ArrayRef<bool>;

bool any(Flags flags) { return llvm::is_contained(flags, true); }

/// Scalars of which each may be mapped, as index vectors (size, count).
Value indexVectors(Builder& b, ValueRange starts, Flags mapped, int64_t size) {
  SmallVector<Value> columns;
  for (auto [s, m] : llvm::zip(starts, mapped)) columns.push_back(b.reshape(spread(b, s, m, size), {size, 1}));
  return columns.size() == 1 ? columns[0] : b.concatenate(columns, 1);
}

Results dynamicSlice(Builder& b, Operation* op, ValueRange operands, Flags mapped, int64_t size) {
  auto sizes = mlir::cast<DynamicSliceOp>(op).getSizes();
  int64_t rank = int64_t(sizes.size());
  Value x = operands[0];
  if (!any(mapped.drop_front())) {
    SmallVector<Value> starts{b.scalar(0)};
    starts.append(operands.begin() + 1, operands.end());
    return {b.dynamicSlice(x, starts, prepend(size, sizes))};
  }
  Value indices = indexVectors(b, operands.drop_front(), mapped.drop_front(), size);
  bool xMapped = mapped[0];
  List none, front{0};
  return {b.one("gather", {x, indices},
                {b.attr("offset_dims", range(1, rank + 1)), b.attr("collapsed_dims", none),
                 b.attr("operand_batch_dims", xMapped ? front : none), b.attr("indices_batch_dims", xMapped ? front : none),
                 b.attr("index_map", xMapped ? range(1, rank + 1) : range(0, rank)),
                 b.attr("slice_sizes", xMapped ? prepend(1, sizes) : List(sizes))})};
}

/// Scatter drops blocks that do not fit where dynamic_update_slice moves them inside.
Value clamped(Builder& b, Value start, int64_t last) {
  Value low = b.like(start, 0), high = b.like(start, double(last));
  return b.binary(BinaryKind::min, b.binary(BinaryKind::max, start, low), high);
}

Results dynamicUpdateSlice(Builder& b, Operation* op, ValueRange operands, Flags mapped, int64_t size) {
  auto o = mlir::cast<DynamicUpdateSliceOp>(op);
  Value x = spread(b, operands[0], mapped[0], size), update = spread(b, operands[1], mapped[1], size);
  if (!any(mapped.drop_front(2))) {
    SmallVector<Value> starts{b.scalar(0)};
    starts.append(operands.begin() + 2, operands.end());
    return {b.dynamicUpdateSlice(x, update, starts)};
  }
  int64_t rank = int64_t(shapeOf(o.getX()).size());
  SmallVector<Value> starts;
  for (int64_t d = 0; d < rank; ++d)
    starts.push_back(clamped(b, operands[size_t(2 + d)], shapeOf(o.getX())[size_t(d)] - shapeOf(o.getUpdate())[size_t(d)]));
  Value indices = indexVectors(b, starts, mapped.drop_front(2), size);
  return {b.one("scatter", {x, indices, update},
                {b.kind(uint32_t(ScatterKind::set)), b.attr("window_dims", range(1, rank + 1)), b.attr("inserted_dims", List{}),
                 b.attr("operand_batch_dims", List{0}), b.attr("indices_batch_dims", List{0}),
                 b.attr("index_map", range(1, rank + 1))})};
}

Results gather(Builder& b, Operation* op, ValueRange operands, Flags mapped, int64_t size) {
  auto o = mlir::cast<GatherOp>(op);
  if (!mapped[0])  // the indices' new axis is the first batch dimension of the result
    return again(b, op, operands,
                 {b.attr("offset_dims", shifted(o.getOffsetDims())), b.attr("indices_batch_dims", shifted(o.getIndicesBatchDims()))});
  SmallVector<mlir::NamedAttribute> changes{b.attr("collapsed_dims", shifted(o.getCollapsedDims())),
                                            b.attr("index_map", shifted(o.getIndexMap()))};
  if (!mapped[1]) {  // the new axis is taken whole with every block
    changes.append({b.attr("offset_dims", withFront(o.getOffsetDims())), b.attr("operand_batch_dims", shifted(o.getOperandBatchDims())),
                    b.attr("slice_sizes", prepend(size, o.getSliceSizes()))});
    return again(b, op, operands, changes);
  }
  changes.append({b.attr("offset_dims", shifted(o.getOffsetDims())), b.attr("operand_batch_dims", withFront(o.getOperandBatchDims())),
                  b.attr("indices_batch_dims", withFront(o.getIndicesBatchDims())),
                  b.attr("slice_sizes", prepend(1, o.getSliceSizes()))});
  return again(b, op, operands, changes);
}

Results scatter(Builder& b, Operation* op, ValueRange operands, Flags mapped, int64_t size) {
  auto o = mlir::cast<ScatterOp>(op);
  Value x = spread(b, operands[0], mapped[0], size), indices = operands[1], updates = spread(b, operands[2], mapped[2], size);
  SmallVector<mlir::NamedAttribute> changes{b.attr("inserted_dims", shifted(o.getInsertedDims())),
                                            b.attr("index_map", shifted(o.getIndexMap()))};
  if (!mapped[1]) {
    changes.append({b.attr("window_dims", withFront(o.getWindowDims())), b.attr("operand_batch_dims", shifted(o.getOperandBatchDims()))});
    return again(b, op, {x, indices, updates}, changes);
  }
  changes.append({b.attr("window_dims", shifted(o.getWindowDims())), b.attr("operand_batch_dims", withFront(o.getOperandBatchDims())),
                  b.attr("indices_batch_dims", withFront(o.getIndicesBatchDims()))});
  return again(b, op, {x, indices, updates}, changes);
}

}  // namespace

void registerIndexingBatching() {
  rulesOf("dynamic_slice").batch = dynamicSlice;
  rulesOf("dynamic_update_slice").batch = dynamicUpdateSlice;
  rulesOf("gather").batch = gather;
  rulesOf("scatter").batch = scatter;
}

}  // namespace nuthatch::ir
