// Derivatives of reading and writing at computed places. Reading gathers cotangents back by adding; gather clamps its
// index vectors while scatter drops blocks out of bounds, so each rule brings the indices to the other's convention.
#include <mlir/IR/Matchers.h>

#include "ir/ops/derivative.h"

namespace nuthatch::ir {
namespace {
using mlir::Operation;
using mlir::Value;
using mlir::ValueRange;
using Values = llvm::ArrayRef<Value>;
using Flags = llvm::ArrayRef<bool>;
using List = llvm::SmallVector<int64_t>;
using Dims = llvm::ArrayRef<int64_t>;

//===-------------------------------- dynamic slices -----------------------------===//

Derivatives dynamicSliceJvp(Builder& b, Operation* op, ValueRange operands, ValueRange, Values t) {
  return {b.dynamicSlice(t[0], operands.drop_front(), llvm::cast<DynamicSliceOp>(op).getSizes())};
}
Derivatives dynamicSliceVjp(Builder& b, Operation*, ValueRange operands, ValueRange, Values g, Flags needed) {
  Derivatives out(operands.size());
  if (needed[0]) out[0] = b.dynamicUpdateSlice(Lean(b).zerosLike(operands[0]), g[0], operands.drop_front());
  return out;
}

Derivatives dynamicUpdateJvp(Builder& b, Operation*, ValueRange operands, ValueRange, Values t) {
  Lean e(b);
  return {e.dynamicUpdateSlice(e.orZero(t[0], operands[0]), e.orZero(t[1], operands[1]), operands.drop_front(2))};
}
Derivatives dynamicUpdateVjp(Builder& b, Operation*, ValueRange operands, ValueRange, Values g, Flags needed) {
  Lean e(b);
  Derivatives out(operands.size());
  ValueRange starts = operands.drop_front(2);
  if (needed[0]) out[0] = e.dynamicUpdateSlice(g[0], e.zerosLike(operands[1]), starts);
  if (needed[1]) out[1] = e.dynamicSlice(g[0], starts, shapeOf(operands[1]));
  return out;
}

//===------------------------------- gather and scatter --------------------------===//

/// What gather and scatter have in common: where the blocks are.
struct Blocks {
  Dims window, dropped, batch, indicesBatch, map;
  List sizes;  // extent of a block in every dimension of x
};

Blocks blocksOf(GatherOp op) {
  return {op.getOffsetDims(), op.getCollapsedDims(), op.getOperandBatchDims(), op.getIndicesBatchDims(), op.getIndexMap(),
          List(op.getSliceSizes())};
}
Blocks blocksOf(ScatterOp op) {
  Blocks blocks{op.getWindowDims(), op.getInsertedDims(), op.getOperandBatchDims(), op.getIndicesBatchDims(),
                op.getIndexMap(), {}};
  auto updates = shapeOf(op.getUpdates());
  size_t next = 0;
  for (int64_t d = 0, rank = shapeOf(op.getX()).size(); d < rank; ++d) {
    bool dropped = llvm::is_contained(blocks.dropped, d) || llvm::is_contained(blocks.batch, d);
    blocks.sizes.push_back(dropped ? 1 : updates[blocks.window[next++]]);
  }
  return blocks;
}

Value gather(Lean& e, const Blocks& blocks, Value x, Value indices) {
  return e.one("gather", {x, indices},
               {e.attr("offset_dims", blocks.window), e.attr("collapsed_dims", blocks.dropped),
                e.attr("operand_batch_dims", blocks.batch), e.attr("indices_batch_dims", blocks.indicesBatch),
                e.attr("index_map", blocks.map), e.attr("slice_sizes", Dims(blocks.sizes))});
}
Value scatter(Lean& e, ScatterKind kind, const Blocks& blocks, Value x, Value indices, Value updates) {
  return e.one("scatter", {x, indices, updates},
               {e.kind(uint32_t(kind)), e.attr("window_dims", blocks.window), e.attr("inserted_dims", blocks.dropped),
                e.attr("operand_batch_dims", blocks.batch), e.attr("indices_batch_dims", blocks.indicesBatch),
                e.attr("index_map", blocks.map)});
}

/// The largest allowed entries of an index vector.
List lastStarts(const Blocks& blocks, Dims shape) {
  List last;
  for (int64_t d : blocks.map) last.push_back(shape[d] - blocks.sizes[d]);
  return last;
}

/// `last`, as an i64 tensor like the indices.
Value bounds(Lean& e, Value indices, const List& last) {
  auto type = mlir::RankedTensorType::get({int64_t(last.size())}, elementType(indices));
  mlir::Attribute values = mlir::DenseElementsAttr::get(type, llvm::ArrayRef<int64_t>(last));
  Value row = e.one("constant", {}, e.b.getNamedAttr("value", values));
  int64_t rank = shapeOf(indices).size();
  return rank == 1 ? row : e.Builder::broadcast(row, shapeOf(indices), {rank - 1});
}

/// True when every entry of a literal, in order of the last dimension, lies in [0, last].
bool literalInBounds(ConstantOp constant, const List& last) {
  auto dense = llvm::dyn_cast<mlir::DenseElementsAttr>(constant.getValue());
  if (!dense) return false;
  size_t k = 0;
  for (const llvm::APInt& index : dense.getValues<llvm::APInt>()) {
    if (index.getSExtValue() < 0 || index.getSExtValue() > last[k]) return false;
    k = (k + 1) % last.size();
  }
  return true;
}

/// True when the index vectors are visibly in bounds: literals, counters, or the result of clamped() below.
bool visiblyInBounds(Value indices, const List& last) {
  if (auto constant = indices.getDefiningOp<ConstantOp>()) return literalInBounds(constant, last);
  if (auto iota = indices.getDefiningOp<IotaOp>())
    return llvm::all_of(last, [&](int64_t n) { return iota.getShape()[iota.getDim()] - 1 <= n; });
  if (indices.getDefiningOp<ReshapeOp>() && last.size() == 1)
    return visiblyInBounds(indices.getDefiningOp()->getOperand(0), last);
  auto min = indices.getDefiningOp<BinaryOp>();
  if (!min || min.getKind() != BinaryKind::min) return false;
  auto max = min.getA().getDefiningOp<BinaryOp>();
  if (!max || max.getKind() != BinaryKind::max || !mlir::matchPattern(max.getB(), mlir::m_Zero())) return false;
  Value upper = min.getB();
  if (auto row = upper.getDefiningOp<BroadcastOp>()) upper = row.getX();
  auto constant = upper.getDefiningOp<ConstantOp>();
  return constant && literalInBounds(constant, last);
}

/// The index vectors as gather understands them, so that scatter drops none.
Value clamped(Lean& e, Value indices, const List& last) {
  if (last.empty() || visiblyInBounds(indices, last)) return indices;
  Value low = e.binary(BinaryKind::max, indices, e.like(indices, 0.0));
  return e.binary(BinaryKind::min, low, bounds(e, indices, last));
}

/// v (like the updates) with zeros in blocks that scatter drops.
Value keepStored(Lean& e, const Blocks& blocks, Value x, Value indices, Value v) {
  List last = lastStarts(blocks, shapeOf(x));
  if (last.empty() || visiblyInBounds(indices, last)) return v;
  Value inside = e.binary(BinaryKind::and_, e.compare(CompareKind::ge, indices, e.like(indices, 0.0)),
                          e.compare(CompareKind::le, indices, bounds(e, indices, last)));
  int64_t rank = shapeOf(indices).size();
  Value stored = e.reduce(ReduceKind::all, inside, {rank - 1});
  return e.keepIf(e.Builder::broadcast(stored, shapeOf(v), without(allDims(shapeOf(v).size()), blocks.window)), v);
}

Derivatives gatherJvp(Builder& b, Operation* op, ValueRange operands, ValueRange, Values t) {
  return {b.one("gather", {t[0], operands[1]}, op->getAttrs())};
}
Derivatives gatherVjp(Builder& b, Operation* op, ValueRange operands, ValueRange, Values g, Flags needed) {
  Lean e(b);
  Blocks blocks = blocksOf(llvm::cast<GatherOp>(op));
  Value indices = clamped(e, operands[1], lastStarts(blocks, shapeOf(operands[0])));
  return {scatter(e, ScatterKind::add, blocks, e.zerosLike(operands[0]), indices, g[0]), Value()};
}

//===------------------------------- kinds of scatter ----------------------------===//
// With the position p(u) of update element u, y_p = combine(x_p, all u with p(u) = p).

/// Which update elements are the last ones stored at their place: each stores its number, then reads it back.
Value storedLast(Lean& e, const Blocks& blocks, Value x, Value indices, Value updates) {
  mlir::Type i64 = elementType(e.b.getContext(), Dtype::i64);
  auto shape = shapeOf(updates);
  int64_t count = tensorType(updates).getNumElements();
  Value number = e.Builder::reshape(e.iota(i64, {count}, 0), shape);
  Value none = e.splat(mlir::RankedTensorType::get(shapeOf(x), i64), -1);
  Value owner = scatter(e, ScatterKind::set, blocks, none, indices, number);
  return e.compare(CompareKind::eq, gather(e, blocks, owner, indices), number);
}

/// The partial derivatives of y with respect to x, and of y at p(u) with respect to u.
struct ScatterPartials {
  Value x, updates;
};

/// y_p = x_p prod u: the product of the others. That is y_p / u where u is not 0, an expression whose own derivative is right
/// also where another factor is 0; otherwise the product with ones for zeros, or 0 where another factor is 0.
ScatterPartials productPartials(Lean& e, const Blocks& blocks, Value x, Value indices, Value updates, Value y) {
  Value zero = e.compare(CompareKind::eq, updates, e.zerosLike(updates));
  Value isZero = e.convert(zero, elementType(x));
  Value nonzero = e.select(zero, e.like(updates, 1.0), updates);
  Value zeros = gather(e, blocks, scatter(e, ScatterKind::add, blocks, e.zerosLike(x), indices, isZero), indices);
  Value product = gather(e, blocks, scatter(e, ScatterKind::mul, blocks, x, indices, nonzero), indices);
  Value noOtherZero = e.compare(CompareKind::eq, e.Builder::sub(zeros, isZero), e.zerosLike(updates));
  return {scatter(e, ScatterKind::mul, blocks, e.like(x, 1.0), indices, updates),
          e.select(zero, e.keepIf(noOtherZero, product), e.div(gather(e, blocks, y, indices), nonzero))};
}

/// y_p = max or min: equal parts to all that are the extreme.
ScatterPartials extremePartials(Lean& e, const Blocks& blocks, Value x, Value indices, Value updates, Value y) {
  mlir::Type element = elementType(x);
  Value ofX = e.convert(e.compare(CompareKind::eq, x, y), element);
  Value wins = e.convert(e.compare(CompareKind::eq, updates, gather(e, blocks, y, indices)), element);
  Value ofUpdates = keepStored(e, blocks, x, indices, wins);
  Value count = scatter(e, ScatterKind::add, blocks, ofX, indices, ofUpdates);
  return {e.div(ofX, count), e.div(ofUpdates, gather(e, blocks, count, indices))};
}

ScatterPartials scatterPartials(Lean& e, ScatterOp op, const Blocks& blocks, ValueRange operands, Value y) {
  if (op.getKind() == ScatterKind::mul) return productPartials(e, blocks, operands[0], operands[1], operands[2], y);
  return extremePartials(e, blocks, operands[0], operands[1], operands[2], y);
}

Derivatives scatterJvp(Builder& b, Operation* o, ValueRange operands, ValueRange results, Values t) {
  auto op = llvm::cast<ScatterOp>(o);
  Lean e(b);
  Blocks blocks = blocksOf(op);
  Value tx = t[0], tu = t[2];
  if (op.getKind() == ScatterKind::set || op.getKind() == ScatterKind::add) {
    if (op.getKind() == ScatterKind::add && !tu) return {tx};
    return {e.one("scatter", {e.orZero(tx, operands[0]), operands[1], e.orZero(tu, operands[2])}, o->getAttrs())};
  }
  ScatterPartials partials = scatterPartials(e, op, blocks, operands, results[0]);
  Value sum = tx ? e.mul(tx, partials.x) : e.zerosLike(operands[0]);
  if (tu) sum = scatter(e, ScatterKind::add, blocks, sum, operands[1], e.mul(tu, partials.updates));
  return {sum};
}

Derivatives scatterVjp(Builder& b, Operation* o, ValueRange operands, ValueRange results, Values g, Flags needed) {
  auto op = llvm::cast<ScatterOp>(o);
  Lean e(b);
  Blocks blocks = blocksOf(op);
  Value x = operands[0], indices = operands[1], updates = operands[2];
  Derivatives out(3);
  switch (op.getKind()) {
    case ScatterKind::add:
      out[0] = g[0];
      if (needed[2]) out[2] = keepStored(e, blocks, x, indices, gather(e, blocks, g[0], indices));
      return out;
    case ScatterKind::set:
      if (needed[0]) out[0] = scatter(e, ScatterKind::set, blocks, g[0], indices, e.zerosLike(updates));
      if (needed[2])
        out[2] = e.keepIf(storedLast(e, blocks, x, indices, updates), gather(e, blocks, g[0], indices));
      return out;
    default: {
      ScatterPartials partials = scatterPartials(e, op, blocks, operands, results[0]);
      if (needed[0]) out[0] = e.mul(g[0], partials.x);
      if (needed[2])
        out[2] = keepStored(e, blocks, x, indices, e.mul(gather(e, blocks, g[0], indices), partials.updates));
      return out;
    }
  }
}

}  // namespace

void registerIndexingAutodiff() {
  auto add = [](const char* op, JvpRule jvp, VjpRule vjp) {
    rulesOf(op).jvp = jvp;
    rulesOf(op).vjp = vjp;
  };
  add("dynamic_slice", dynamicSliceJvp, dynamicSliceVjp);
  add("dynamic_update_slice", dynamicUpdateJvp, dynamicUpdateVjp);
  add("gather", gatherJvp, gatherVjp);
  add("scatter", scatterJvp, scatterVjp);
}

}  // namespace nuthatch::ir
