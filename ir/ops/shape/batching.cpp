// Batching of operations that arrange elements: the new axis stays in front and dimension numbers shift by one.
#include "ir/ops/batching_support.h"

namespace nuthatch::ir {
namespace {
using namespace batching;
using mlir::Operation;
using mlir::Value;
using mlir::ValueRange;
using Flags = llvm::ArrayRef<bool>;

// Without operands there is nothing to map; the value is the same for all.
Results literal(Builder& b, Operation* op, ValueRange, Flags, int64_t size) {
  return {spread(b, b.b.clone(*op)->getResult(0), false, size)};
}
Results broadcast(Builder& b, Operation* op, ValueRange x, Flags, int64_t size) {
  auto o = mlir::cast<BroadcastOp>(op);
  return {b.broadcast(x[0], prepend(size, o.getShape()), withFront(o.getDims()))};
}
Results reshape(Builder& b, Operation* op, ValueRange x, Flags, int64_t size) {
  return {b.reshape(x[0], prepend(size, mlir::cast<ReshapeOp>(op).getShape()))};
}
Results transpose(Builder& b, Operation* op, ValueRange x, Flags, int64_t) {
  return {b.transpose(x[0], withFront(mlir::cast<TransposeOp>(op).getPerm()))};
}
Results slice(Builder& b, Operation* op, ValueRange x, Flags, int64_t size) {
  auto o = mlir::cast<SliceOp>(op);
  return {b.slice(x[0], prepend(0, o.getStart()), prepend(size, o.getLimit()), prepend(1, o.getStride()))};
}
Results reverse(Builder& b, Operation* op, ValueRange x, Flags, int64_t) {
  return {b.reverse(x[0], shifted(mlir::cast<ReverseOp>(op).getDims()))};
}
Results concatenate(Builder& b, Operation* op, ValueRange xs, Flags mapped, int64_t size) {
  return {b.concatenate(spreadAll(b, xs, mapped, size), int64_t(mlir::cast<ConcatenateOp>(op).getDim()) + 1)};
}

// A padding value of its own for each element of the new axis: pad with anything, then select where the padding is.
Results padWithMappedValue(Builder& b, PadOp op, Value x, bool mapped, Value value, int64_t size) {
  auto boolean = elementType(b.b.getContext(), Dtype::bool_);
  auto scalar = [&](mlir::Type element) { return b.zeros(mlir::RankedTensorType::get({}, element)); };
  Value outside = b.spread(b.unary(UnaryKind::logical_not, scalar(boolean)), shapeOf(op.getX()));
  Value inside = b.pad(outside, op.getLow(), op.getHigh(), op.getInterior(), scalar(boolean));
  Value padded = b.pad(x, mapped ? prepend(0, op.getLow()) : List(op.getLow()), mapped ? prepend(0, op.getHigh()) : List(op.getHigh()),
                       mapped ? prepend(0, op.getInterior()) : List(op.getInterior()), scalar(elementType(x)));
  List shape = prepend(size, shapeOf(op.getResult()));
  return {b.select(spread(b, inside, false, size), spread(b, padded, mapped, size), b.broadcast(value, shape, {0}))};
}
Results pad(Builder& b, Operation* op, ValueRange operands, Flags mapped, int64_t size) {
  auto o = mlir::cast<PadOp>(op);
  if (mapped[1]) return padWithMappedValue(b, o, operands[0], mapped[0], operands[1], size);
  return {b.pad(operands[0], prepend(0, o.getLow()), prepend(0, o.getHigh()), prepend(0, o.getInterior()), operands[1])};
}

}  // namespace

void registerShapeBatching() {
  auto set = [](llvm::StringRef op, BatchRule rule) { rulesOf(op).batch = rule; };
  set("constant", literal);
  set("iota", literal);
  set("broadcast", broadcast);
  set("reshape", reshape);
  set("transpose", transpose);
  set("slice", slice);
  set("reverse", reverse);
  set("pad", pad);
  set("concatenate", concatenate);
}

}  // namespace nuthatch::ir
