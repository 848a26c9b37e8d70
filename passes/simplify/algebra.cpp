// Algebra that holds bit for bit, signed zeros included.
#include <cmath>

#include "passes/simplify/patterns.h"

namespace nuthatch::passes {
namespace {

using namespace ir;
using mlir::Value;

bool isFloat(Value v) { return mlir::isa<mlir::FloatType>(elementType(v)); }
bool isBool(Value v) { return elementType(v).isInteger(1); }
/// A constant equal to `c`; +0 and -0 are told apart.
bool is(Value v, double c) {
  if (auto x = splatFloat(v)) return *x == c && std::signbit(*x) == std::signbit(c);
  if (auto n = splatInteger(v)) return !isBool(v) && *n == int64_t(c) && !std::signbit(c);
  return false;
}
Value operandOf(Value v, UnaryKind kind) {
  auto op = v.getDefiningOp<UnaryOp>();
  return op && op.getKind() == kind ? Value(op.getX()) : Value();
}
Value negated(Value v) { return isFloat(v) ? operandOf(v, UnaryKind::neg) : Value(); }

/// Cannot be -0, so that adding +0 changes nothing.
bool neverNegativeZero(Value v) {
  if (auto c = splatFloat(v)) return *c != 0 || !std::signbit(*c);
  if (auto op = v.getDefiningOp<ConvertOp>()) return !isFloat(op.getX());
  if (auto op = v.getDefiningOp<BinaryOp>()) return op.getKind() == BinaryKind::mul && op.getA() == op.getB();
  auto op = v.getDefiningOp<UnaryOp>();
  if (!op) return false;
  switch (op.getKind()) {
    case UnaryKind::abs: case UnaryKind::exp: case UnaryKind::logistic: case UnaryKind::softplus: return true;
    default: return false;
  }
}

/// 1 / c when c is a power of two and both are normal numbers: then x / c and x * (1 / c) round alike.
std::optional<double> exactReciprocal(Value v) {
  auto c = splatFloat(v);
  if (!c || !std::isnormal(*c)) return std::nullopt;
  int exponent;
  if (std::abs(std::frexp(*c, &exponent)) != 0.5) return std::nullopt;
  int limit = elementType(v).isF32() ? 125 : 1021;
  if (std::abs(exponent) > limit) return std::nullopt;
  return 1 / *c;
}

Value add(BinaryOp op, Builder& b) {
  Value x = op.getA(), y = op.getB();
  if (!isFloat(x)) return is(y, 0) ? x : is(x, 0) ? y : Value();
  if (is(y, -0.0) || (is(y, 0.0) && neverNegativeZero(x))) return x;
  if (is(x, -0.0) || (is(x, 0.0) && neverNegativeZero(y))) return y;
  if (Value v = negated(y)) return b.sub(x, v);
  if (Value v = negated(x)) return b.sub(y, v);
  return {};
}
Value sub(BinaryOp op, Builder& b) {
  Value x = op.getA(), y = op.getB();
  if (is(y, 0.0)) return x;
  if (isFloat(x) && is(x, -0.0)) return b.neg(y);
  if (Value v = negated(y)) return b.add(x, v);
  return {};
}
Value mul(BinaryOp op, Builder& b) {
  Value x = op.getA(), y = op.getB();
  if (is(y, 1)) return x;
  if (is(x, 1)) return y;
  if (!isFloat(x)) return is(x, 0) ? x : is(y, 0) ? y : Value();
  if (is(y, -1)) return b.neg(x);
  if (is(x, -1)) return b.neg(y);
  Value v = negated(x), w = negated(y);
  return v && w ? b.mul(v, w) : Value();
}
Value div(BinaryOp op, Builder& b) {
  Value x = op.getA(), y = op.getB();
  if (is(y, 1)) return x;
  if (!isFloat(x)) return {};
  if (is(y, -1)) return b.neg(x);
  if (auto r = exactReciprocal(y)) return b.mul(x, b.like(y, *r));
  Value v = negated(x), w = negated(y);
  return v && w ? b.div(v, w) : Value();
}
Value logical(BinaryOp op, Builder& b) {
  Value x = op.getA(), y = op.getB();
  if (x == y) return x;
  bool conjunction = op.getKind() == BinaryKind::and_;
  if (auto c = constantBool(x)) return *c == conjunction ? y : x;
  if (auto c = constantBool(y)) return *c == conjunction ? x : y;
  // x and (x and z), x or (x or z); not x and x.
  for (auto [v, w] : {std::pair{x, y}, {y, x}}) {
    auto inner = w.getDefiningOp<BinaryOp>();
    if (inner && inner.getKind() == op.getKind() && (inner.getA() == v || inner.getB() == v)) return w;
    if (operandOf(v, UnaryKind::logical_not) == w) return b.splat(tensorType(v), !conjunction);
  }
  return {};
}

Value binary(BinaryOp op, Builder& b) {
  switch (op.getKind()) {
    case BinaryKind::add: return add(op, b);
    case BinaryKind::sub: return sub(op, b);
    case BinaryKind::mul: return mul(op, b);
    case BinaryKind::div: return div(op, b);
    case BinaryKind::max: case BinaryKind::min: return op.getA() == op.getB() ? Value(op.getA()) : Value();
    case BinaryKind::and_: case BinaryKind::or_: return isBool(op.getA()) ? logical(op, b) : Value();
    default: return {};
  }
}

/// neg neg, not not, abs neg, abs abs.
Value unary(UnaryOp op, Builder& b) {
  Value x = op.getX();
  switch (op.getKind()) {
    case UnaryKind::neg: return operandOf(x, UnaryKind::neg);
    case UnaryKind::logical_not: return isBool(x) ? operandOf(x, UnaryKind::logical_not) : Value();
    case UnaryKind::abs:
      if (operandOf(x, UnaryKind::abs)) return x;
      if (Value v = negated(x)) return b.unary(UnaryKind::abs, v);
      return {};
    default: return {};
  }
}

/// A choice between truth values is a connective where one of them is known.
Value logicalSelect(SelectOp op, Builder& b) {
  Value p = op.getPred(), x = op.getA(), y = op.getB();
  auto a = constantBool(x), c = constantBool(y);
  auto negation = [&] { return b.unary(UnaryKind::logical_not, p); };
  if (a && c) return *a ? p : negation();
  if (a) return b.binary(*a ? BinaryKind::or_ : BinaryKind::and_, *a ? p : negation(), y);
  if (c) return b.binary(*c ? BinaryKind::or_ : BinaryKind::and_, *c ? negation() : p, x);
  if (x == p) return b.binary(BinaryKind::or_, p, y);
  if (y == p) return b.binary(BinaryKind::and_, p, x);
  return {};
}

Value select(SelectOp op, Builder& b) {
  if (auto p = constantBool(op.getPred())) return *p ? op.getA() : op.getB();
  if (op.getA() == op.getB()) return op.getA();
  if (Value p = operandOf(op.getPred(), UnaryKind::logical_not)) return b.select(p, op.getB(), op.getA());
  // select(p, select(p, a, _), b) and its mirror image.
  if (auto inner = op.getA().getDefiningOp<SelectOp>(); inner && inner.getPred() == op.getPred())
    return b.select(op.getPred(), inner.getA(), op.getB());
  if (auto inner = op.getB().getDefiningOp<SelectOp>(); inner && inner.getPred() == op.getPred())
    return b.select(op.getPred(), op.getA(), inner.getB());
  return isBool(op.getResult()) ? logicalSelect(op, b) : Value();
}

/// Every value of `from` survives in `to`.
bool widens(mlir::Type from, mlir::Type to) {
  if (from == to || from.isInteger(1)) return true;
  if (from.isF32()) return to.isF64();
  auto i = mlir::dyn_cast<mlir::IntegerType>(from);
  auto j = mlir::dyn_cast<mlir::IntegerType>(to);
  if (!i) return false;
  if (!j) return to.isF64() && i.getWidth() == 32;
  return j.getWidth() > i.getWidth() && (i.isUnsigned() || !j.isUnsigned());
}
Value convert(ConvertOp op, Builder& b) {
  Value x = op.getX();
  if (x.getType() == op.getType()) return x;
  auto inner = x.getDefiningOp<ConvertOp>();
  if (!inner || !widens(elementType(inner.getX()), elementType(x))) return {};
  // From floating point to integers saturates, between integers wraps.
  bool throughFloat = !isFloat(inner.getX()) && isFloat(x) && !isFloat(op.getResult()) && !isBool(op.getResult());
  if (throughFloat && !isBool(inner.getX()) && elementType(inner.getX()) != elementType(op.getResult())) return {};
  return b.convert(inner.getX(), elementType(op.getResult()));
}

/// fma(a, b, -0) rounds the product alone; a factor of one or minus one leaves a sum; two signs cancel.
Value fma(FmaOp op, Builder& b) {
  if (is(op.getC(), -0.0)) return b.mul(op.getA(), op.getB());
  if (is(op.getA(), 1)) return b.add(op.getB(), op.getC());
  if (is(op.getB(), 1)) return b.add(op.getA(), op.getC());
  if (is(op.getA(), -1)) return b.sub(op.getC(), op.getB());
  if (is(op.getB(), -1)) return b.sub(op.getC(), op.getA());
  Value v = negated(op.getA()), w = negated(op.getB());
  return v && w ? b.one("fma", {v, w, op.getC()}) : Value();
}

Value stopGradient(UnaryOp op, Builder&) { return op.getKind() == UnaryKind::stop_gradient ? Value(op.getX()) : Value(); }

}  // namespace

void addAlgebra(mlir::RewritePatternSet& set) {
  passes::add<BinaryOp>(set, binary);
  passes::add<UnaryOp>(set, unary);
  passes::add<SelectOp>(set, select);
  passes::add<ConvertOp>(set, convert);
  passes::add<FmaOp>(set, fma);
}

void addStopGradient(mlir::RewritePatternSet& set) { passes::add<UnaryOp>(set, stopGradient); }

}  // namespace nuthatch::passes
