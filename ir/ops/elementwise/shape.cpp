// Shape and cost rules of the elementwise operations: unary, binary, ternary, compare, select, fma, convert, bitcast.
#include "ir/ops/shape_support.h"

namespace nuthatch::ir {
namespace {
using namespace shapes;

enum class Domain { any, boolean, numeric, floating, integral, bits };

bool accepts(Domain domain, mlir::Type element) {
  switch (domain) {
    case Domain::any: return true;
    case Domain::boolean: return isBool(element);
    case Domain::numeric: return isNumeric(element);
    case Domain::floating: return isFloat(element);
    case Domain::integral: return isNumeric(element) && !isFloat(element);
    case Domain::bits: return !isFloat(element);
  }
  return false;
}

const char* describe(Domain domain) {
  switch (domain) {
    case Domain::any: return "any dtype";
    case Domain::boolean: return "bool";
    case Domain::numeric: return "numbers";
    case Domain::floating: return "floating-point numbers";
    case Domain::integral: return "integers";
    case Domain::bits: return "integers or bool";
  }
  return "";
}

Domain domainOf(UnaryKind kind) {
  switch (kind) {
    case UnaryKind::neg: case UnaryKind::abs: case UnaryKind::sign: return Domain::numeric;
    case UnaryKind::logical_not: return Domain::boolean;
    case UnaryKind::popcount: return Domain::integral;
    case UnaryKind::stop_gradient: return Domain::any;
    default: return Domain::floating;
  }
}

Domain domainOf(BinaryKind kind) {
  switch (kind) {
    case BinaryKind::atan2: case BinaryKind::polygamma: case BinaryKind::owens_t: case BinaryKind::igamma:
    case BinaryKind::igammac: case BinaryKind::igamma_grad_a: case BinaryKind::igamma_grad_aa: case BinaryKind::igamma_grad_x:
    case BinaryKind::igamma_inv: case BinaryKind::igammac_inv: return Domain::floating;
    case BinaryKind::and_: case BinaryKind::or_: case BinaryKind::xor_: return Domain::bits;
    case BinaryKind::shl: case BinaryKind::shr: return Domain::integral;
    default: return Domain::numeric;
  }
}

Types unary(ShapeInput& in) {
  auto kind = UnaryKind(in.integer("kind"));
  Domain domain = domainOf(kind);
  if (!accepts(domain, in.element(0)))
    return fail(in, 1, stringifyUnaryKind(kind), " takes ", describe(domain), ", not ", in.operands[0]);
  if (kind == UnaryKind::is_finite) return one(elementType(in.context(), Dtype::bool_), in.shape(0));
  return {in.operands[0]};
}

Types binary(ShapeInput& in) {
  auto kind = BinaryKind(in.integer("kind"));
  Domain domain = domainOf(kind);
  if (in.operands[0] != in.operands[1])
    return fail(in, 1, "operands of ", stringifyBinaryKind(kind), " differ in type: ", in.operands[0], " and ", in.operands[1]);
  if (!accepts(domain, in.element(0)))
    return fail(in, 2, stringifyBinaryKind(kind), " takes ", describe(domain), ", not ", in.operands[0]);
  return {in.operands[0]};
}

Types ternary(ShapeInput& in) {
  auto kind = TernaryKind(in.integer("kind"));
  if (in.operands[0] != in.operands[1] || in.operands[0] != in.operands[2])
    return fail(in, 1, "operands of ", stringifyTernaryKind(kind), " differ in type: ", in.operands[0], ", ", in.operands[1],
                " and ", in.operands[2]);
  if (!isFloat(in.element(0)))
    return fail(in, 2, stringifyTernaryKind(kind), " takes floating-point numbers, not ", in.operands[0]);
  return {in.operands[0]};
}

Types compare(ShapeInput& in) {
  if (in.operands[0] != in.operands[1])
    return fail(in, 1, "operands differ in type: ", in.operands[0], " and ", in.operands[1]);
  return one(elementType(in.context(), Dtype::bool_), in.shape(0));
}

Types select(ShapeInput& in) {
  if (!isBool(in.element(0))) return fail(in, 1, "the predicate is ", in.operands[0], ", not bool");
  if (in.operands[1] != in.operands[2])
    return fail(in, 2, "choices differ in type: ", in.operands[1], " and ", in.operands[2]);
  if (in.shape(0) != in.shape(1))
    return fail(in, 3, "predicate and choices differ in shape: ", in.operands[0], " and ", in.operands[1]);
  return {in.operands[1]};
}

Types fma(ShapeInput& in) {
  if (in.operands[0] != in.operands[1] || in.operands[0] != in.operands[2])
    return fail(in, 1, "operands differ in type: ", in.operands[0], ", ", in.operands[1], " and ", in.operands[2]);
  if (!isFloat(in.element(0))) return fail(in, 2, "takes floating-point numbers, not ", in.operands[0]);
  return {in.operands[0]};
}

Types convert(ShapeInput& in) { return one(dtypeAttribute(in), in.shape(0)); }

Types bitcast(ShapeInput& in) {
  Dtype from = dtypeOf(in.element(0)), to = dtypeOf(dtypeAttribute(in));
  if (size_of(from) != size_of(to))
    return fail(in, 1, "element widths differ: ", in.operands[0], " to ", name(to));
  return one(dtypeAttribute(in), in.shape(0));
}

// Flops per element; functions by the length of their expansions in ir/math.
double unaryCost(mlir::Operation* op) {
  switch (mlir::cast<UnaryOp>(op).getKind()) {
    case UnaryKind::stop_gradient: return 0;
    case UnaryKind::sqrt: case UnaryKind::rsqrt: return 8;
    case UnaryKind::exp: case UnaryKind::expm1: case UnaryKind::log: case UnaryKind::log1p: return 20;
    case UnaryKind::exp2: case UnaryKind::log2: case UnaryKind::log10: return 25;
    case UnaryKind::asin: case UnaryKind::acos: case UnaryKind::sinh: case UnaryKind::cosh: case UnaryKind::asinh:
    case UnaryKind::acosh: case UnaryKind::atanh: case UnaryKind::cbrt: return 40;
    case UnaryKind::erfcx: case UnaryKind::ndtri: case UnaryKind::log_ndtr: case UnaryKind::bessel_i0e:
    case UnaryKind::bessel_i1e: return 60;
    case UnaryKind::popcount: return 20;
    case UnaryKind::logistic: case UnaryKind::tanh: case UnaryKind::sin: case UnaryKind::cos: return 25;
    case UnaryKind::tan: case UnaryKind::atan: case UnaryKind::softplus: return 40;
    case UnaryKind::erf: case UnaryKind::erfc: case UnaryKind::erf_inv: return 50;
    case UnaryKind::lgamma: case UnaryKind::digamma: case UnaryKind::trigamma: return 80;
    default: return 1;
  }
}

double binaryCost(mlir::Operation* op) {
  switch (mlir::cast<BinaryOp>(op).getKind()) {
    case BinaryKind::div: return 5;
    case BinaryKind::rem: return 20;
    case BinaryKind::atan2: return 45;
    case BinaryKind::pow: return 60;
    case BinaryKind::polygamma: case BinaryKind::owens_t: return 1000;
    case BinaryKind::igamma: case BinaryKind::igammac: case BinaryKind::igamma_grad_a: case BinaryKind::igamma_grad_aa: return 2000;
    case BinaryKind::igamma_grad_x: return 120;
    case BinaryKind::igamma_inv: case BinaryKind::igammac_inv: return 10000;
    default: return 1;
  }
}

double ternaryCost(mlir::Operation* op) {
  switch (mlir::cast<TernaryOp>(op).getKind()) {
    case TernaryKind::betainc_grad_x: return 150;
    case TernaryKind::betainc_inv: return 25000;
    default: return 4000;
  }
}

double unitCost(mlir::Operation*) { return 1; }
double noCost(mlir::Operation*) { return 0; }

}  // namespace

void registerElementwiseShape() {
  auto set = [](llvm::StringRef op, ShapeRule shape, CostRule cost) {
    rulesOf(op).shape = shape;
    rulesOf(op).cost = cost;
  };
  set("unary", unary, unaryCost);
  set("binary", binary, binaryCost);
  set("ternary", ternary, ternaryCost);
  set("compare", compare, unitCost);
  set("select", select, unitCost);
  set("fma", fma, unitCost);
  set("convert", convert, unitCost);
  set("bitcast", bitcast, noCost);
  rulesOf("compare").differentiable = false;
  rulesOf("bitcast").differentiable = false;
}

}  // namespace nuthatch::ir
