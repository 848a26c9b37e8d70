// Derivatives of reductions and running reductions.
#include "ir/ops/derivative.h"

#include <limits>

namespace nuthatch::ir {
namespace {
using mlir::Operation;
using mlir::Value;
using mlir::ValueRange;
using Values = llvm::ArrayRef<Value>;
using Flags = llvm::ArrayRef<bool>;
using List = llvm::SmallVector<int64_t>;

/// A slice of x along one dimension.
Value part(Lean& e, Value x, int64_t dim, int64_t from, int64_t to) {
  List start(shapeOf(x).size(), 0), limit(shapeOf(x)), stride(start.size(), 1);
  start[dim] = from;
  limit[dim] = to;
  return e.slice(x, start, limit, stride);
}

/// x one place later along dim (earlier for reverse), `fill` at the free end; the last element falls out.
Value shifted(Lean& e, Value x, int64_t dim, bool reverse, double fill) {
  int64_t n = shapeOf(x)[dim];
  if (n == 0) return x;
  List low(shapeOf(x).size(), 0), high(low), interior(low);
  (reverse ? high : low)[dim] = 1;
  Value rest = reverse ? part(e, x, dim, 1, n) : part(e, x, dim, 0, n - 1);
  return e.pad(rest, low, high, interior, e.splat(mlir::RankedTensorType::get({}, elementType(x)), fill));
}

Value cumulative(Lean& e, CumulativeKind kind, Value x, int64_t dim, bool reverse) {
  return e.one("cumulative", x, {e.kind(uint32_t(kind)), e.attr("dim", dim), e.flag("reverse", reverse)});
}

//===------------------------------------ reduce ---------------------------------===//

/// d result / d x as a tensor like x.
Value productOfOthers(Lean& e, Value x, llvm::ArrayRef<int64_t> dims) {
  // The reduced dimensions become one at the end; there, the product of those before times that of those after.
  int64_t rank = shapeOf(x).size();
  List perm = without(allDims(rank), dims), inverse(rank), flat;
  for (int64_t d : perm) flat.push_back(shapeOf(x)[d]);
  int64_t last = flat.size(), extent = 1;
  for (int64_t d : dims) extent *= shapeOf(x)[d];
  flat.push_back(extent);
  perm.append(dims.begin(), dims.end());
  for (auto [i, d] : llvm::enumerate(perm)) inverse[d] = int64_t(i);
  if (extent <= 1) return e.like(x, 1.0);
  Value moved = e.transpose(x, perm), line = e.reshape(moved, flat);
  Value before = cumulative(e, CumulativeKind::prod, shifted(e, line, last, false, 1.0), last, false);
  Value after = cumulative(e, CumulativeKind::prod, shifted(e, line, last, true, 1.0), last, true);
  return e.transpose(e.reshape(e.mul(before, after), shapeOf(moved)), inverse);
}

Value spreadBack(Lean& e, Value reduced, ReduceOp op) {
  auto shape = shapeOf(op.getX());
  return e.broadcast(reduced, shape, without(allDims(shape.size()), op.getDims()));
}

/// Where x is the extreme of its group, and how many in the group are.
struct Extremes {
  Value mask, count;
};
Extremes extremes(Lean& e, ReduceOp op, Value x, Value y) {
  Value mask = e.compare(CompareKind::eq, x, spreadBack(e, y, op));
  return {mask, e.sum(e.convert(mask, elementType(x)), op.getDims())};
}

Derivatives reduceJvp(Builder& b, Operation* o, ValueRange operands, ValueRange results, Values t) {
  auto op = llvm::cast<ReduceOp>(o);
  Lean e(b);
  switch (op.getKind()) {
    case ReduceKind::sum: return {e.sum(t[0], op.getDims())};
    case ReduceKind::prod: return {e.sum(e.mul(t[0], productOfOthers(e, operands[0], op.getDims())), op.getDims())};
    case ReduceKind::max:
    case ReduceKind::min: {
      auto [mask, count] = extremes(e, op, operands[0], results[0]);
      return {e.div(e.sum(e.keepIf(mask, t[0]), op.getDims()), count)};
    }
    default: return {Value()};
  }
}

Derivatives reduceVjp(Builder& b, Operation* o, ValueRange operands, ValueRange results, Values g, Flags) {
  auto op = llvm::cast<ReduceOp>(o);
  Lean e(b);
  switch (op.getKind()) {
    case ReduceKind::sum: return {spreadBack(e, g[0], op)};
    case ReduceKind::prod: return {e.mul(spreadBack(e, g[0], op), productOfOthers(e, operands[0], op.getDims()))};
    case ReduceKind::max:
    case ReduceKind::min: {
      auto [mask, count] = extremes(e, op, operands[0], results[0]);
      return {e.keepIf(mask, spreadBack(e, e.div(g[0], count), op))};
    }
    default: return {Value()};
  }
}

//===---------------------------------- cumulative -------------------------------===//
// Other than sums, a running reduction obeys y_i = f(y_(i-1), x_i), and its tangent the linear recurrence
// t_i = a_i t_(i-1) + b_i dx_i with the partial derivatives a and b of f; its cotangent is the transposed recurrence
// r_i = g_i + a_(i+1) r_(i+1), dx_i = b_i r_i. No division, so zeros and infinities are as good as other values.

struct Recurrence {
  Value a, b;
};

Recurrence recurrence(Lean& e, CumulativeOp op, Value x, Value y) {
  int64_t dim = op.getDim();
  bool reverse = op.getReverse();
  Value zero = e.like(x, 0.0), one = e.like(x, 1.0), half = e.like(x, 0.5);
  switch (op.getKind()) {
    case CumulativeKind::prod: return {x, shifted(e, y, dim, reverse, 1.0)};
    case CumulativeKind::max:
    case CumulativeKind::min: {
      bool max = op.getKind() == CumulativeKind::max;
      constexpr double infinity = std::numeric_limits<double>::infinity();
      Value before = shifted(e, y, dim, reverse, max ? -infinity : infinity);
      Value tie = e.select(e.compare(CompareKind::eq, before, x), half, zero);
      Value a = e.select(e.compare(max ? CompareKind::gt : CompareKind::lt, before, x), one, tie);
      return {a, e.sub(one, a)};
    }
    case CumulativeKind::logsumexp: {  // no weight anywhere while all are -inf
      Value empty = e.compare(CompareKind::eq, y, e.like(y, -std::numeric_limits<double>::infinity()));
      Value level = e.select(empty, zero, y);
      Value before = shifted(e, y, dim, reverse, -std::numeric_limits<double>::infinity());
      return {e.exp(e.sub(before, level)), e.exp(e.sub(x, level))};
    }
    case CumulativeKind::sum: return {one, one};
  }
  llvm_unreachable("cumulative kind");
}

/// h_i = a_i h_(i-1) + u_i along dim (from the end for reverse), as a loop.
Value linearRecurrence(Lean& e, Value a, Value u, int64_t dim, bool reverse) {
  int64_t rank = shapeOf(u).size(), trip = shapeOf(u)[dim];
  List front{dim}, back;
  front.append(without(allDims(rank), {dim}));
  back.resize(rank);
  for (auto [i, d] : llvm::enumerate(front)) back[d] = int64_t(i);
  Value as = e.transpose(a, front), us = e.transpose(u, front);
  auto carry = mlir::RankedTensorType::get(shapeOf(us).drop_front(), elementType(u));
  auto loop = ForOp::create(e.b, e.loc, {carry, us.getType()}, uint64_t(trip), 1, reverse,
                            ValueRange{e.zeros(carry), as, us});
  {
    mlir::OpBuilder::InsertionGuard guard(e.b);
    mlir::Block* body = e.b.createBlock(&loop.getBody());
    body->addArguments({mlir::RankedTensorType::get({}, e.b.getI64Type()), carry, carry, carry},
                       llvm::SmallVector<mlir::Location>(4, e.loc));
    Value h = e.Builder::add(e.Builder::mul(body->getArgument(2), body->getArgument(1)), body->getArgument(3));
    YieldOp::create(e.b, e.loc, ValueRange{h, h});
  }
  return e.transpose(loop.getResult(1), back);
}

Derivatives cumulativeJvp(Builder& b, Operation* o, ValueRange operands, ValueRange results, Values t) {
  auto op = llvm::cast<CumulativeOp>(o);
  Lean e(b);
  if (op.getKind() == CumulativeKind::sum) return {e.one("cumulative", t[0], o->getAttrs())};
  Recurrence r = recurrence(e, op, operands[0], results[0]);
  return {linearRecurrence(e, r.a, e.mul(r.b, t[0]), op.getDim(), op.getReverse())};
}

Derivatives cumulativeVjp(Builder& b, Operation* o, ValueRange operands, ValueRange results, Values g, Flags) {
  auto op = llvm::cast<CumulativeOp>(o);
  Lean e(b);
  int64_t dim = op.getDim();
  if (op.getKind() == CumulativeKind::sum) return {cumulative(e, CumulativeKind::sum, g[0], dim, !op.getReverse())};
  Recurrence r = recurrence(e, op, operands[0], results[0]);
  if (shapeOf(operands[0])[dim] == 0) return {Value()};
  Value next = shifted(e, r.a, dim, !op.getReverse(), 0.0);
  return {e.mul(r.b, linearRecurrence(e, next, g[0], dim, !op.getReverse()))};
}

}  // namespace

void registerReductionAutodiff() {
  rulesOf("reduce").jvp = reduceJvp;
  rulesOf("reduce").vjp = reduceVjp;
  rulesOf("cumulative").jvp = cumulativeJvp;
  rulesOf("cumulative").vjp = cumulativeVjp;
  rulesOf("arg_reduce").differentiable = false;
}

}  // namespace nuthatch::ir
