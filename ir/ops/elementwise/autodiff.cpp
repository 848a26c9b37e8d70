// Derivatives of the elementwise operations. One table of partial derivatives serves both modes: a row maps v to
// d f / d x_i * v, which is the tangent for a tangent v and the cotangent of x_i for a cotangent v.
#include "ir/ops/derivative.h"

#include <cmath>
#include <numbers>

namespace nuthatch::ir {
namespace {
using mlir::Operation;
using mlir::Value;
using mlir::ValueRange;

constexpr double pi = std::numbers::pi;

/// psi''(x) = -2 sum_k 1 / (x + k)^3, by the recurrence up to x + 10 and the asymptotic series there; negative
/// arguments by reflection, psi''(x) = psi''(1 - x) - 2 pi^3 cot(pi x) / sin(pi x)^2. Only third derivatives of
/// lgamma need it, so it is a composite, differentiable like any other.
Value tetragamma(Lean& e, Value x) {
  Value negative = e.compare(CompareKind::lt, x, e.like(x, 0.0));
  Value one = e.like(x, 1.0);
  Value z = e.select(negative, e.sub(one, x), x);
  Value sum;
  for (int k = 0; k < 10; ++k) {
    sum = e.add(sum, e.div(one, e.mul(e.square(z), z)));
    z = e.add(z, one);
  }
  // -1/z^2 - 1/z^3 - sum_n (2n+1) B_2n / z^(2n+2), highest power first (Horner in w = 1/z^2).
  constexpr double series[] = {-35.0 / 2, 691.0 / 210, -5.0 / 6, 3.0 / 10, -1.0 / 6, 1.0 / 6, -1.0 / 2};
  Value w = e.div(one, e.square(z)), poly;
  for (double c : series) poly = poly ? e.add(e.mul(poly, w), e.like(x, c)) : e.like(x, c);
  Value tail = e.mul(w, e.sub(e.mul(w, poly), e.add(one, e.div(one, z))));
  Value positive = e.sub(tail, e.scale(sum, 2.0));
  Value angle = e.scale(e.select(negative, x, e.like(x, 0.5)), pi);  // the unused side stays away from the poles
  Value sine = e.unary(UnaryKind::sin, angle), cosine = e.unary(UnaryKind::cos, angle);
  Value reflection = e.scale(e.div(cosine, e.mul(e.square(sine), sine)), 2.0 * pi * pi * pi);
  return e.sub(positive, e.keepIf(negative, reflection));
}

/// d f(x) / dx * v with y = f(x); null where the derivative is zero.
Value unaryPartial(Lean& e, UnaryKind kind, Value x, Value y, Value v) {
  auto constant = [&](double c) { return e.like(x, c); };
  switch (kind) {
    case UnaryKind::neg: return e.neg(v);
    case UnaryKind::abs: return e.mul(v, e.unary(UnaryKind::sign, x));
    case UnaryKind::sqrt:  // 1/(2y); zero by convention at 0, so that distances have gradients on the diagonal
      return e.dropIf(e.compare(CompareKind::eq, y, constant(0.0)), e.div(e.scale(v, 0.5), y));
    case UnaryKind::rsqrt: return e.mul(v, e.scale(e.mul(e.square(y), y), -0.5));
    case UnaryKind::exp: return e.mul(v, y);
    case UnaryKind::expm1: return e.mul(v, e.add(y, constant(1.0)));
    case UnaryKind::log: return e.div(v, x);
    case UnaryKind::log1p: return e.div(v, e.add(x, constant(1.0)));
    case UnaryKind::sin: return e.mul(v, e.unary(UnaryKind::cos, x));
    case UnaryKind::cos: return e.neg(e.mul(v, e.unary(UnaryKind::sin, x)));
    case UnaryKind::tan: return e.mul(v, e.add(e.square(y), constant(1.0)));
    case UnaryKind::tanh: return e.mul(v, e.sub(constant(1.0), e.square(y)));
    case UnaryKind::logistic: return e.mul(v, e.mul(y, e.sub(constant(1.0), y)));
    case UnaryKind::softplus: return e.mul(v, e.unary(UnaryKind::logistic, x));
    case UnaryKind::erf: return e.mul(v, e.scale(e.exp(e.neg(e.square(x))), 2.0 / std::sqrt(pi)));
    case UnaryKind::erfc: return e.mul(v, e.scale(e.exp(e.neg(e.square(x))), -2.0 / std::sqrt(pi)));
    case UnaryKind::erf_inv: return e.mul(v, e.scale(e.exp(e.square(y)), std::sqrt(pi) / 2.0));
    case UnaryKind::lgamma: return e.mul(v, e.unary(UnaryKind::digamma, x));
    case UnaryKind::digamma: return e.mul(v, e.unary(UnaryKind::trigamma, x));
    case UnaryKind::trigamma: return e.mul(v, tetragamma(e, x));
    case UnaryKind::atan: return e.div(v, e.add(e.square(x), constant(1.0)));
    case UnaryKind::sign:
    case UnaryKind::floor:
    case UnaryKind::ceil:
    case UnaryKind::round:
    case UnaryKind::is_finite:
    case UnaryKind::logical_not:
    case UnaryKind::stop_gradient: return {};
  }
  llvm_unreachable("unary kind");
}

/// v where `chosen` is the larger (kind max) or smaller, half of it where both are equal.
Value extremePartial(Lean& e, BinaryKind kind, Value chosen, Value other, Value v) {
  CompareKind wins = kind == BinaryKind::max ? CompareKind::gt : CompareKind::lt;
  Value tie = e.keepIf(e.compare(CompareKind::eq, chosen, other), e.scale(v, 0.5));
  return e.select(e.compare(wins, chosen, other), v, tie);
}

/// p x^(p-1), which is 0 for p = 0 whatever x is.
Value powBasePartial(Lean& e, Value x, Value p, Value v) {
  if (auto c = splatValue(p)) {
    if (*c == 0.0) return {};
    if (*c == 1.0) return v;
    Value power = *c == 2.0 ? x : e.binary(BinaryKind::pow, x, e.like(p, *c - 1.0));
    return e.mul(v, e.scale(power, *c));
  }
  Value one = e.like(p, 1.0);
  Value exponent = e.select(e.compare(CompareKind::eq, p, e.like(p, 0.0)), one, e.sub(p, one));
  return e.mul(v, e.mul(p, e.binary(BinaryKind::pow, x, exponent)));
}

/// d f(a, b) / d (i == 0 ? a : b) * v with y = f(a, b).
Value binaryPartial(Lean& e, BinaryKind kind, Value a, Value b, Value y, int i, Value v) {
  switch (kind) {
    case BinaryKind::add: return v;
    case BinaryKind::sub: return i == 0 ? v : e.neg(v);
    case BinaryKind::mul: return e.mul(v, i == 0 ? b : a);
    case BinaryKind::div: {
      Value quotient = e.div(v, b);
      return i == 0 ? quotient : e.neg(e.mul(quotient, y));
    }
    case BinaryKind::rem: return i == 0 ? v : e.neg(e.mul(v, e.unary(UnaryKind::round, e.div(e.sub(a, y), b))));
    case BinaryKind::max:
    case BinaryKind::min: return i == 0 ? extremePartial(e, kind, a, b, v) : extremePartial(e, kind, b, a, v);
    case BinaryKind::pow: {
      if (i == 0) return powBasePartial(e, a, b, v);
      Value zero = e.compare(CompareKind::eq, a, e.like(a, 0.0));  // 0^p has derivative 0 in p, not 0 * log 0
      return e.mul(v, e.mul(y, e.log(e.select(zero, e.like(a, 1.0), a))));
    }
    case BinaryKind::atan2: {
      Value scaled = e.div(v, e.add(e.square(a), e.square(b)));
      return i == 0 ? e.mul(scaled, b) : e.neg(e.mul(scaled, a));
    }
    case BinaryKind::and_:
    case BinaryKind::or_:
    case BinaryKind::xor_:
    case BinaryKind::shl:
    case BinaryKind::shr: return {};
  }
  llvm_unreachable("binary kind");
}

/// A square has one derivative, not two equal ones.
bool isSquare(Operation* op) {
  auto binary = llvm::dyn_cast<BinaryOp>(op);
  return binary && binary.getKind() == BinaryKind::mul && binary.getA() == binary.getB();
}

using Partial = Value (*)(Lean&, Operation*, ValueRange operands, Value result, int i, Value v);

/// The two modes of an elementwise operation from its row of partial derivatives.
template <Partial partial> void elementwise(llvm::StringRef mnemonic) {
  OpRules& rules = rulesOf(mnemonic);
  rules.jvp = [](Builder& b, Operation* op, ValueRange operands, ValueRange results,
                 llvm::ArrayRef<Value> tangents) -> Derivatives {
    Lean e(b);
    if (isSquare(op)) return {e.mul(e.scale(tangents[0], 2.0), operands[0])};
    Value sum;
    for (auto [i, t] : llvm::enumerate(tangents))
      if (t)
        if (Value term = partial(e, op, operands, results[0], int(i), t)) sum = e.add(sum, term);
    return {sum};
  };
  rules.vjp = [](Builder& b, Operation* op, ValueRange operands, ValueRange results, llvm::ArrayRef<Value> cotangents,
                 llvm::ArrayRef<bool> needed) -> Derivatives {
    Lean e(b);
    Derivatives out(operands.size());
    if (isSquare(op)) {
      out[0] = e.mul(e.scale(cotangents[0], 2.0), operands[0]);
      return out;
    }
    for (auto [i, wanted] : llvm::enumerate(needed))
      if (wanted) out[i] = partial(e, op, operands, results[0], int(i), cotangents[0]);
    return out;
  };
}

Value unaryRow(Lean& e, Operation* op, ValueRange operands, Value result, int, Value v) {
  return unaryPartial(e, llvm::cast<UnaryOp>(op).getKind(), operands[0], result, v);
}
Value binaryRow(Lean& e, Operation* op, ValueRange operands, Value result, int i, Value v) {
  return binaryPartial(e, llvm::cast<BinaryOp>(op).getKind(), operands[0], operands[1], result, i, v);
}
Value fmaRow(Lean& e, Operation*, ValueRange operands, Value, int i, Value v) {
  return i == 2 ? v : e.mul(v, operands[1 - i]);
}
/// Masks the derivative only; a branch not taken must not be infinite itself (0 * inf), so mask its input too.
Value selectRow(Lean& e, Operation*, ValueRange operands, Value, int i, Value v) {
  return i == 1 ? e.keepIf(operands[0], v) : e.dropIf(operands[0], v);
}

Derivatives selectJvp(Builder& b, Operation*, ValueRange operands, ValueRange, llvm::ArrayRef<Value> t) {
  Lean e(b);
  return {e.select(operands[0], e.orZero(t[1], operands[1]), e.orZero(t[2], operands[2]))};
}

Derivatives convertJvp(Builder& b, Operation*, ValueRange, ValueRange results, llvm::ArrayRef<Value> t) {
  return {b.convert(t[0], elementType(results[0]))};
}
Derivatives convertVjp(Builder& b, Operation*, ValueRange operands, ValueRange, llvm::ArrayRef<Value> g,
                       llvm::ArrayRef<bool>) {
  return {b.convert(g[0], elementType(operands[0]))};
}

}  // namespace

void registerElementwiseAutodiff() {
  elementwise<unaryRow>("unary");
  elementwise<binaryRow>("binary");
  elementwise<fmaRow>("fma");
  elementwise<selectRow>("select");
  rulesOf("select").jvp = selectJvp;
  rulesOf("convert").jvp = convertJvp;
  rulesOf("convert").vjp = convertVjp;
  rulesOf("compare").differentiable = false;
  rulesOf("bitcast").differentiable = false;
}

}  // namespace nuthatch::ir
