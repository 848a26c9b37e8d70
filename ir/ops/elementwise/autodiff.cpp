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

/// phi(x) / Phi(x), which is sqrt(2 / pi) / erfcx(-x / sqrt 2).
Value inverseMillsRatio(Lean& e, Value x) {
  Value scaled = e.unary(UnaryKind::erfcx, e.scale(x, -std::numbers::sqrt2 / 2));
  return e.div(e.like(x, std::sqrt(2 / pi)), scaled);
}

/// d e^-|x| I1(x) / dx = e^-|x| (I0(x) - I1(x) / x) - sign(x) y, with I1(x) / x = 1/2 at 0.
Value besselI1eSlope(Lean& e, Value x, Value y) {
  Value zero = e.compare(CompareKind::eq, x, e.like(x, 0.0));
  Value ratio = e.select(zero, e.like(x, 0.5), e.div(y, e.select(zero, e.like(x, 1.0), x)));
  return e.sub(e.sub(e.unary(UnaryKind::bessel_i0e, x), ratio), e.mul(e.unary(UnaryKind::sign, x), y));
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
    case UnaryKind::trigamma: return e.mul(v, e.binary(BinaryKind::polygamma, constant(2.0), x));
    case UnaryKind::atan: return e.div(v, e.add(e.square(x), constant(1.0)));
    case UnaryKind::asin: return e.div(v, e.unary(UnaryKind::sqrt, e.mul(e.sub(constant(1.0), x), e.add(constant(1.0), x))));
    case UnaryKind::acos:
      return e.neg(e.div(v, e.unary(UnaryKind::sqrt, e.mul(e.sub(constant(1.0), x), e.add(constant(1.0), x)))));
    case UnaryKind::sinh: return e.mul(v, e.unary(UnaryKind::cosh, x));
    case UnaryKind::cosh: return e.mul(v, e.unary(UnaryKind::sinh, x));
    case UnaryKind::asinh: return e.div(v, e.unary(UnaryKind::sqrt, e.add(e.square(x), constant(1.0))));
    case UnaryKind::acosh:
      return e.div(v, e.mul(e.unary(UnaryKind::sqrt, e.sub(x, constant(1.0))), e.unary(UnaryKind::sqrt, e.add(x, constant(1.0)))));
    case UnaryKind::atanh: return e.div(v, e.mul(e.sub(constant(1.0), x), e.add(constant(1.0), x)));
    case UnaryKind::exp2: return e.mul(v, e.scale(y, std::numbers::ln2));
    case UnaryKind::log2: return e.div(e.scale(v, std::numbers::log2e), x);
    case UnaryKind::log10: return e.div(e.scale(v, std::numbers::log10e), x);
    case UnaryKind::cbrt: return e.div(e.scale(v, 1.0 / 3.0), e.square(y));
    case UnaryKind::erfcx: return e.mul(v, e.sub(e.scale(e.mul(x, y), 2.0), constant(2.0 / std::sqrt(pi))));
    case UnaryKind::ndtri: return e.mul(v, e.scale(e.exp(e.scale(e.square(y), 0.5)), std::sqrt(2 * pi)));
    case UnaryKind::log_ndtr: return e.mul(v, inverseMillsRatio(e, x));
    case UnaryKind::bessel_i0e: return e.mul(v, e.sub(e.unary(UnaryKind::bessel_i1e, x), e.mul(e.unary(UnaryKind::sign, x), y)));
    case UnaryKind::bessel_i1e: return e.mul(v, besselI1eSlope(e, x, y));
    case UnaryKind::popcount:
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

/// x, or 1 where it is `point`: there the factor of a logarithm is 0 or infinite whatever the logarithm.
Value awayFrom(Lean& e, Value x, double point) {
  return e.select(e.compare(CompareKind::eq, x, e.like(x, point)), e.like(x, 1.0 - point), x);
}

/// Owen's T: dT/dh = -phi(h) erf(a h / sqrt 2) / 2, dT/da = e^(-h^2 (1 + a^2) / 2) / (2 pi (1 + a^2)).
Value owensPartial(Lean& e, Value h, Value a, int i, Value v) {
  Value gauss = e.exp(e.scale(e.square(h), -0.5));
  if (i == 0) {
    Value wing = e.unary(UnaryKind::erf, e.scale(e.mul(a, h), std::numbers::sqrt2 / 2));
    return e.mul(v, e.scale(e.mul(gauss, wing), -0.5 / std::sqrt(2 * pi)));
  }
  Value width = e.add(e.square(a), e.like(a, 1.0));
  return e.mul(v, e.div(e.scale(e.exp(e.scale(e.mul(e.square(h), width), -0.5)), 0.5 / pi), width));
}

/// d f(a, x) / da of the kinds that belong to the gamma distribution with shape a, or / dx.
Value gammaPartial(Lean& e, BinaryKind kind, Value a, Value x, Value y, int i, Value v) {
  auto binary = [&](BinaryKind k) { return e.binary(k, a, x); };
  // d log density / da
  auto slope = [&] { return e.sub(e.log(awayFrom(e, x, 0.0)), e.unary(UnaryKind::digamma, a)); };
  switch (kind) {
    case BinaryKind::igamma: return e.mul(v, binary(i == 0 ? BinaryKind::igamma_grad_a : BinaryKind::igamma_grad_x));
    case BinaryKind::igammac: return e.neg(gammaPartial(e, BinaryKind::igamma, a, x, y, i, v));
    case BinaryKind::igamma_grad_x:
      if (i == 0) return e.mul(v, e.mul(y, slope()));
      return e.mul(v, e.mul(y, e.sub(e.div(e.sub(a, e.like(a, 1.0)), x), e.like(x, 1.0))));
    case BinaryKind::igamma_grad_a:
      if (i == 0) return e.mul(v, binary(BinaryKind::igamma_grad_aa));
      return e.mul(v, e.mul(binary(BinaryKind::igamma_grad_x), slope()));
    case BinaryKind::igamma_grad_aa: {
      Value s = slope();
      return e.mul(v, e.mul(binary(BinaryKind::igamma_grad_x), e.sub(e.square(s), e.unary(UnaryKind::trigamma, a))));
    }
    default: {  // a quantile y: P(a, y) = x, or Q(a, y) = x
      Value density = e.binary(BinaryKind::igamma_grad_x, a, y);
      if (i == 0) return e.neg(e.div(e.mul(v, e.binary(BinaryKind::igamma_grad_a, a, y)), density));
      Value step = e.div(v, density);
      return kind == BinaryKind::igamma_inv ? step : e.neg(step);
    }
  }
}

/// d f(a, b, x) of the kinds that belong to the beta distribution, in operand i.
Value betaPartial(Lean& e, TernaryKind kind, Value a, Value b, Value x, Value y, int i, Value v) {
  using K = TernaryKind;
  auto ternary = [&](K k) { return e.ternary(k, a, b, x); };
  auto digamma = [&](Value z) { return e.unary(UnaryKind::digamma, z); };
  auto trigamma = [&](Value z) { return e.unary(UnaryKind::trigamma, z); };
  // The derivatives of the logarithm of the density in a and b.
  auto slopeA = [&] { return e.add(e.sub(e.log(awayFrom(e, x, 0.0)), digamma(a)), digamma(e.add(a, b))); };
  auto slopeB = [&] { return e.add(e.sub(e.unary(UnaryKind::log1p, e.neg(awayFrom(e, x, 1.0))), digamma(b)), digamma(e.add(a, b))); };
  auto density = [&] { return ternary(K::betainc_grad_x); };
  auto one = [&] { return e.like(x, 1.0); };
  constexpr K first[] = {K::betainc_grad_a, K::betainc_grad_b, K::betainc_grad_x};
  constexpr K second[][2] = {{K::betainc_grad_aa, K::betainc_grad_ab}, {K::betainc_grad_ab, K::betainc_grad_bb}};
  switch (kind) {
    case K::betainc: return e.mul(v, ternary(first[i]));
    case K::betainc_grad_a:
    case K::betainc_grad_b: {
      bool inA = kind == K::betainc_grad_a;
      if (i < 2) return e.mul(v, ternary(second[inA ? 0 : 1][i]));
      return e.mul(v, e.mul(density(), inA ? slopeA() : slopeB()));
    }
    case K::betainc_grad_x: {
      if (i < 2) return e.mul(v, e.mul(y, i == 0 ? slopeA() : slopeB()));
      Value left = e.div(e.sub(a, one()), x), right = e.div(e.sub(b, one()), e.sub(one(), x));
      return e.mul(v, e.mul(y, e.sub(left, right)));
    }
    case K::betainc_grad_aa:
      return e.mul(v, e.mul(density(), e.add(e.sub(e.square(slopeA()), trigamma(a)), trigamma(e.add(a, b)))));
    case K::betainc_grad_bb:
      return e.mul(v, e.mul(density(), e.add(e.sub(e.square(slopeB()), trigamma(b)), trigamma(e.add(a, b)))));
    case K::betainc_grad_ab:
      return e.mul(v, e.mul(density(), e.add(e.mul(slopeA(), slopeB()), trigamma(e.add(a, b)))));
    case K::betainc_inv: {  // I_y(a, b) = x
      Value step = e.div(v, e.ternary(K::betainc_grad_x, a, b, y));
      return i == 2 ? step : e.neg(e.mul(step, e.ternary(first[i], a, b, y)));
    }
  }
  llvm_unreachable("ternary kind");
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
    case BinaryKind::polygamma: return i == 0 ? Value() : e.mul(v, e.binary(BinaryKind::polygamma, e.add(a, e.like(a, 1.0)), b));
    case BinaryKind::owens_t: return owensPartial(e, a, b, i, v);
    case BinaryKind::igamma:
    case BinaryKind::igammac:
    case BinaryKind::igamma_grad_a:
    case BinaryKind::igamma_grad_aa:
    case BinaryKind::igamma_grad_x:
    case BinaryKind::igamma_inv:
    case BinaryKind::igammac_inv: return gammaPartial(e, kind, a, b, y, i, v);
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

/// Whether the derivative in operand i is beyond those there is a function for; says so.
bool refuses(Operation* op, size_t i) {
  auto binary = llvm::dyn_cast<BinaryOp>(op);
  auto ternary = llvm::dyn_cast<TernaryOp>(op);
  bool third = binary && binary.getKind() == BinaryKind::igamma_grad_aa && i == 0;
  if (ternary) {
    TernaryKind k = ternary.getKind();
    third = i < 2 && (k == TernaryKind::betainc_grad_aa || k == TernaryKind::betainc_grad_ab || k == TernaryKind::betainc_grad_bb);
  }
  if (third) op->emitError("third derivatives of incomplete gamma and beta functions in their parameters are not available");
  return third;
}

/// The two modes of an elementwise operation from its row of partial derivatives.
template <Partial partial> void elementwise(llvm::StringRef mnemonic) {
  OpRules& rules = rulesOf(mnemonic);
  rules.jvp = [](Builder& b, Operation* op, ValueRange operands, ValueRange results,
                 llvm::ArrayRef<Value> tangents) -> Derivatives {
    Lean e(b);
    if (isSquare(op)) return {e.mul(e.scale(tangents[0], 2.0), operands[0])};
    Value sum;
    for (auto [i, t] : llvm::enumerate(tangents))
      if (t && refuses(op, i)) return {};
      else if (t)
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
      if (wanted && refuses(op, i)) return {};
      else if (wanted) out[i] = partial(e, op, operands, results[0], int(i), cotangents[0]);
    return out;
  };
}

Value unaryRow(Lean& e, Operation* op, ValueRange operands, Value result, int, Value v) {
  return unaryPartial(e, llvm::cast<UnaryOp>(op).getKind(), operands[0], result, v);
}
Value binaryRow(Lean& e, Operation* op, ValueRange operands, Value result, int i, Value v) {
  return binaryPartial(e, llvm::cast<BinaryOp>(op).getKind(), operands[0], operands[1], result, i, v);
}
Value ternaryRow(Lean& e, Operation* op, ValueRange operands, Value result, int i, Value v) {
  return betaPartial(e, llvm::cast<TernaryOp>(op).getKind(), operands[0], operands[1], operands[2], result, i, v);
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
  elementwise<ternaryRow>("ternary");
  elementwise<fmaRow>("fma");
  elementwise<selectRow>("select");
  rulesOf("select").jvp = selectJvp;
  rulesOf("convert").jvp = convertJvp;
  rulesOf("convert").vjp = convertVjp;
  rulesOf("compare").differentiable = false;
  rulesOf("bitcast").differentiable = false;
}

}  // namespace nuthatch::ir
