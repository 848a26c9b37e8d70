// Shape and cost rules of reduce, arg_reduce and cumulative.
#include "ir/ops/shape_support.h"

namespace nuthatch::ir {
namespace {
using namespace shapes;

Types without(ShapeInput& in, Dims dims, mlir::Type element) {
  llvm::SmallVector<int64_t> shape;
  for (int64_t d = 0; d < in.operands[0].getRank(); ++d)
    if (!contains(dims, d)) shape.push_back(in.operands[0].getDimSize(d));
  return one(element, shape);
}

Types reduce(ShapeInput& in) {
  auto kind = ReduceKind(in.integer("kind"));
  Dims dims = in.list("dims");
  if (!increasingBelow(dims, in.operands[0].getRank()))
    return fail(in, 1, "dims ", dims, " must be increasing dimensions of ", in.operands[0]);
  bool logical = kind == ReduceKind::all || kind == ReduceKind::any;
  if (isBool(in.element(0)) != logical)
    return fail(in, 2, stringifyReduceKind(kind), " takes ", logical ? "bool" : "numbers", ", not ", in.operands[0]);
  return without(in, dims, in.element(0));
}

Types argReduce(ShapeInput& in) {
  int64_t dim = in.integer("dim");
  if (dim < 0 || dim >= in.operands[0].getRank()) return fail(in, 1, "dim ", dim, " is not a dimension of ", in.operands[0]);
  if (in.shape(0)[size_t(dim)] == 0) return fail(in, 2, "dim ", dim, " of ", in.operands[0], " is empty");
  if (!isNumeric(in.element(0))) return fail(in, 3, "takes numbers, not ", in.operands[0]);
  return without(in, {dim}, elementType(in.context(), Dtype::i64));
}

Types cumulative(ShapeInput& in) {
  auto kind = CumulativeKind(in.integer("kind"));
  int64_t dim = in.integer("dim");
  if (dim < 0 || dim >= in.operands[0].getRank()) return fail(in, 1, "dim ", dim, " is not a dimension of ", in.operands[0]);
  if (!isNumeric(in.element(0))) return fail(in, 2, stringifyCumulativeKind(kind), " takes numbers, not ", in.operands[0]);
  if (kind == CumulativeKind::logsumexp && !isFloat(in.element(0)))
    return fail(in, 3, "logsumexp takes floating-point numbers, not ", in.operands[0]);
  return {in.operands[0]};
}

double reduceCost(mlir::Operation* op) {
  auto from = tensorType(op->getOperand(0)).getNumElements(), to = tensorType(op->getResult(0)).getNumElements();
  return to ? double(from) / double(to) : 0;
}
double argReduceCost(mlir::Operation* op) { return 2 * reduceCost(op); }
double cumulativeCost(mlir::Operation* op) {
  return mlir::cast<CumulativeOp>(op).getKind() == CumulativeKind::logsumexp ? 45 : 1;
}

}  // namespace

void registerReductionShape() {
  auto set = [](llvm::StringRef op, ShapeRule shape, CostRule cost) {
    rulesOf(op).shape = shape;
    rulesOf(op).cost = cost;
  };
  set("reduce", reduce, reduceCost);
  set("arg_reduce", argReduce, argReduceCost);
  set("cumulative", cumulative, cumulativeCost);
  rulesOf("arg_reduce").differentiable = false;
}

}  // namespace nuthatch::ir
