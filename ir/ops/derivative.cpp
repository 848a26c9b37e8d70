#include "ir/ops/derivative.h"

#include <llvm/ADT/STLExtras.h>
#include <numeric>

namespace nuthatch::ir {
using mlir::Value;
using Dims = llvm::ArrayRef<int64_t>;

llvm::SmallVector<int64_t> allDims(int64_t rank) {
  llvm::SmallVector<int64_t> dims(rank);
  std::iota(dims.begin(), dims.end(), 0);
  return dims;
}

llvm::SmallVector<int64_t> without(Dims list, Dims positions) {
  llvm::SmallVector<int64_t> rest;
  for (auto [i, x] : llvm::enumerate(list))
    if (!llvm::is_contained(positions, int64_t(i))) rest.push_back(x);
  return rest;
}

llvm::SmallVector<int64_t> repeatedDims(Dims operandShape, Dims shape, Dims dims) {
  llvm::SmallVector<int64_t> repeated;
  for (auto [d, extent] : llvm::enumerate(shape)) {
    auto* at = llvm::find(dims, int64_t(d));
    if (at == dims.end() || (operandShape[at - dims.begin()] == 1 && extent != 1)) repeated.push_back(d);
  }
  return repeated;
}

std::optional<double> splatValue(Value v) {
  mlir::Operation* op = v.getDefiningOp();
  if (!op || !isFloat(v)) return std::nullopt;
  if (auto constant = llvm::dyn_cast<ConstantOp>(op)) {
    auto dense = llvm::dyn_cast<mlir::DenseElementsAttr>(constant.getValue());
    if (!dense || !dense.isSplat()) return std::nullopt;
    llvm::APFloat value = dense.getSplatValue<llvm::APFloat>();
    bool lost = false;
    value.convert(llvm::APFloat::IEEEdouble(), llvm::APFloat::rmNearestTiesToEven, &lost);
    return value.convertToDouble();
  }
  if (llvm::isa<BroadcastOp, ReshapeOp, TransposeOp>(op)) return splatValue(op->getOperand(0));
  return std::nullopt;
}

/// The operand of a negation, or null.
static Value negated(Value v) {
  auto unary = v.getDefiningOp<UnaryOp>();
  return unary && unary.getKind() == UnaryKind::neg ? unary.getX() : Value();
}

Value Lean::neg(Value v) {
  if (auto c = splatValue(v)) return like(v, -*c);
  if (Value x = negated(v)) return x;
  return Builder::neg(v);
}

Value Lean::add(Value a, Value b) {
  if (!a || splatValue(a) == 0.0) return b ? b : a;
  if (!b || splatValue(b) == 0.0) return a;
  auto ca = splatValue(a), cb = splatValue(b);
  if (ca && cb) return like(a, *ca + *cb);
  if (Value x = negated(b)) return Builder::sub(a, x);
  if (Value x = negated(a)) return Builder::sub(b, x);
  return Builder::add(a, b);
}

Value Lean::sub(Value a, Value b) {
  if (!b || splatValue(b) == 0.0) return a;
  if (!a || splatValue(a) == 0.0) return neg(b);
  auto ca = splatValue(a), cb = splatValue(b);
  if (ca && cb) return like(a, *ca - *cb);
  if (Value x = negated(b)) return Builder::add(a, x);
  return Builder::sub(a, b);
}

Value Lean::mul(Value a, Value b) {
  auto ca = splatValue(a), cb = splatValue(b);
  if (ca && cb) return like(a, *ca * *cb);
  if (ca == 1.0) return b;
  if (cb == 1.0) return a;
  if (ca == -1.0) return neg(b);
  if (cb == -1.0) return neg(a);
  // Signs move outwards, where sums absorb them and constants meet.
  if (Value x = negated(a)) return cb ? mul(x, like(a, -*cb)) : neg(mul(x, b));
  if (Value x = negated(b)) return ca ? mul(x, like(b, -*ca)) : neg(mul(a, x));
  if (ca) return mul(b, a);  // constant factors stand second, and are one
  if (cb)
    if (auto inner = a.getDefiningOp<BinaryOp>(); inner && inner.getKind() == BinaryKind::mul)
      if (auto c = splatValue(inner.getB())) return mul(inner.getA(), like(a, *c * *cb));
  // Two operands repeated in the same way are multiplied before the repetition.
  auto wide = a.getDefiningOp<BroadcastOp>(), other = b.getDefiningOp<BroadcastOp>();
  if (wide && other && wide.getDims() == other.getDims() && wide.getX().getType() == other.getX().getType())
    return broadcast(mul(wide.getX(), other.getX()), wide.getShape(), wide.getDims());
  return Builder::mul(a, b);
}

Value Lean::div(Value a, Value b) {
  auto ca = splatValue(a), cb = splatValue(b);
  if (ca && cb) return like(a, *ca / *cb);
  if (cb == 1.0) return a;
  if (Value x = negated(a)) return neg(div(x, b));
  auto wide = a.getDefiningOp<BroadcastOp>(), other = b.getDefiningOp<BroadcastOp>();
  if (wide && other && wide.getDims() == other.getDims() && wide.getX().getType() == other.getX().getType())
    return broadcast(div(wide.getX(), other.getX()), wide.getShape(), wide.getDims());
  return Builder::div(a, b);
}

Value Lean::broadcast(Value x, Dims shape, Dims dims) {
  if (auto c = splatValue(x)) return splat(mlir::RankedTensorType::get(shape, elementType(x)), *c);
  if (shapeOf(x) == shape && llvm::equal(dims, allDims(shape.size()))) return x;
  return Builder::broadcast(x, shape, dims);
}

Value Lean::reshape(Value x, Dims shape) {
  if (shapeOf(x) == shape) return x;
  if (auto c = splatValue(x)) return splat(mlir::RankedTensorType::get(shape, elementType(x)), *c);
  return Builder::reshape(x, shape);
}

Value Lean::transpose(Value x, Dims perm) {
  if (llvm::equal(perm, allDims(perm.size()))) return x;
  return Builder::transpose(x, perm);
}

Value Lean::withoutDims(Value v, Dims dims) {
  llvm::SmallVector<int64_t> rest = without(shapeOf(v), dims);
  if (auto c = splatValue(v)) return splat(mlir::RankedTensorType::get(rest, elementType(v)), *c);
  auto wide = v.getDefiningOp<BroadcastOp>();
  if (!wide) return {};
  Value x = wide.getX();
  // Every dropped dimension must be one the operand lacks; then the operand's own dimensions move up.
  llvm::SmallVector<int64_t> moved;
  for (int64_t d : wide.getDims()) {
    if (llvm::is_contained(dims, d)) return {};
    moved.push_back(d - llvm::count_if(dims, [&](int64_t dropped) { return dropped < d; }));
  }
  return broadcast(x, rest, moved);
}

Lean::Factored Lean::factored(Value v, Dims dims, int depth) {
  Factored f{v, {}, {}, false};
  if (Value constant = withoutDims(v, dims)) {
    f.core = {};
    f.times.push_back(constant);
    return f;
  }
  if (depth == 0) return f;
  if (Value x = negated(v)) {
    f = factored(x, dims, depth - 1);
    f.negative = !f.negative;
    return f;
  }
  auto op = v.getDefiningOp<BinaryOp>();
  if (!op || (op.getKind() != BinaryKind::mul && op.getKind() != BinaryKind::div)) return f;
  if (op.getKind() == BinaryKind::div) {
    Value c = withoutDims(op.getB(), dims);
    if (!c) return f;
    f = factored(op.getA(), dims, depth - 1);
    f.over.push_back(c);
    return f;
  }
  Factored a = factored(op.getA(), dims, depth - 1), b = factored(op.getB(), dims, depth - 1);
  if (a.core == op.getA() && b.core == op.getB()) return f;
  f.core = !a.core ? b.core : !b.core ? a.core : Builder::mul(a.core, b.core);
  for (Factored* part : {&a, &b}) {
    f.times.append(part->times);
    f.over.append(part->over);
  }
  f.negative = a.negative != b.negative;
  return f;
}

Value Lean::sum(Value v, Dims dims) {
  if (dims.empty()) return v;
  int64_t count = 1;
  for (int64_t d : dims) count *= shapeOf(v)[d];
  llvm::SmallVector<int64_t> rest = without(shapeOf(v), dims);
  if (count == 1) return reshape(v, rest);
  Factored f = factored(v, dims, 6);
  Value sum = f.core ? Builder::sum(f.core, dims) : splat(mlir::RankedTensorType::get(rest, elementType(v)), double(count));
  for (Value c : f.times) sum = mul(sum, c);
  for (Value c : f.over) sum = div(sum, c);
  return f.negative ? neg(sum) : sum;
}

}  // namespace nuthatch::ir
