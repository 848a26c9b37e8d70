// Shape and cost rules of the operations that only move or create elements: constant, iota, broadcast, reshape,
// transpose, slice, reverse, pad, concatenate.
#include "ir/ops/shape_support.h"

namespace nuthatch::ir {
namespace {
using namespace shapes;

Types constant(ShapeInput& in) {
  return {mlir::cast<mlir::RankedTensorType>(in.attributes.getAs<mlir::ElementsAttr>("value").getShapedType())};
}

Types iota(ShapeInput& in) {
  Dims shape = in.list("shape");
  int64_t dim = in.integer("dim");
  if (hasNegative(shape)) return fail(in, 1, "negative extent in shape ", shape);
  if (dim < 0 || dim >= int64_t(shape.size())) return fail(in, 2, "dim ", dim, " is not a dimension of ", shape);
  if (isBool(dtypeAttribute(in))) return fail(in, 3, "counts in numbers, not bool");
  return one(dtypeAttribute(in), shape);
}

Types broadcast(ShapeInput& in) {
  Dims shape = in.list("shape"), dims = in.list("dims"), from = in.shape(0);
  if (hasNegative(shape)) return fail(in, 1, "negative extent in shape ", shape);
  if (dims.size() != from.size())
    return fail(in, 2, "dims ", dims, " must name one result dimension for each dimension of ", in.operands[0]);
  if (!increasingBelow(dims, int64_t(shape.size())))
    return fail(in, 3, "dims ", dims, " must be increasing dimensions of shape ", shape);
  for (size_t i = 0; i < dims.size(); ++i)
    if (from[i] != 1 && from[i] != shape[size_t(dims[i])])
      return fail(in, 4, "extent ", from[i], " of ", in.operands[0], " dim ", int64_t(i), " is neither 1 nor the extent ",
                  shape[size_t(dims[i])], " of ", shape, " dim ", dims[i]);
  return one(in.element(0), shape);
}

Types reshape(ShapeInput& in) {
  Dims shape = in.list("shape");
  if (hasNegative(shape)) return fail(in, 1, "negative extent in shape ", shape);
  if (Shape(shape.vec()).num_elements() != in.operands[0].getNumElements())
    return fail(in, 2, in.operands[0], " has ", in.operands[0].getNumElements(), " elements and shape ", shape, " has ",
                Shape(shape.vec()).num_elements());
  return one(in.element(0), shape);
}

Types transpose(ShapeInput& in) {
  Dims perm = in.list("perm");
  int64_t rank = in.operands[0].getRank();
  if (int64_t(perm.size()) != rank || !distinctBelow(perm, rank))
    return fail(in, 1, "perm ", perm, " is not a permutation of the dimensions of ", in.operands[0]);
  llvm::SmallVector<int64_t> shape;
  for (int64_t d : perm) shape.push_back(in.shape(0)[size_t(d)]);
  return one(in.element(0), shape);
}

Types slice(ShapeInput& in) {
  Dims start = in.list("start"), limit = in.list("limit"), stride = in.list("stride"), from = in.shape(0);
  if (start.size() != from.size() || limit.size() != from.size() || stride.size() != from.size())
    return fail(in, 1, "start ", start, ", limit ", limit, " and stride ", stride, " need one entry for each dimension of ",
                in.operands[0]);
  llvm::SmallVector<int64_t> shape;
  for (size_t i = 0; i < from.size(); ++i) {
    if (start[i] < 0 || start[i] > limit[i] || limit[i] > from[i])
      return fail(in, 2, "range ", start[i], ":", limit[i], " does not lie in dim ", int64_t(i), " of ", in.operands[0]);
    if (stride[i] < 1) return fail(in, 3, "stride ", stride, " has an entry below 1");
    shape.push_back((limit[i] - start[i] + stride[i] - 1) / stride[i]);
  }
  return one(in.element(0), shape);
}

Types reverse(ShapeInput& in) {
  if (!distinctBelow(in.list("dims"), in.operands[0].getRank()))
    return fail(in, 1, "dims ", in.list("dims"), " are not distinct dimensions of ", in.operands[0]);
  return {in.operands[0]};
}

Types pad(ShapeInput& in) {
  Dims low = in.list("low"), high = in.list("high"), interior = in.list("interior"), from = in.shape(0);
  if (low.size() != from.size() || high.size() != from.size() || interior.size() != from.size())
    return fail(in, 1, "low ", low, ", high ", high, " and interior ", interior, " need one entry for each dimension of ",
                in.operands[0]);
  if (hasNegative(low) || hasNegative(high) || hasNegative(interior))
    return fail(in, 2, "negative padding: low ", low, ", high ", high, ", interior ", interior);
  if (in.operands[1].getRank() != 0 || in.element(1) != in.element(0))
    return fail(in, 3, "the padding value is ", in.operands[1], ", not a scalar of the dtype of ", in.operands[0]);
  llvm::SmallVector<int64_t> shape;
  for (size_t i = 0; i < from.size(); ++i)
    shape.push_back(low[i] + from[i] + std::max<int64_t>(from[i] - 1, 0) * interior[i] + high[i]);
  return one(in.element(0), shape);
}

Types concatenate(ShapeInput& in) {
  int64_t dim = in.integer("dim");
  if (in.operands.empty()) return fail(in, 1, "needs at least one operand");
  auto first = in.operands[0];
  if (dim < 0 || dim >= first.getRank()) return fail(in, 2, "dim ", dim, " is not a dimension of ", first);
  llvm::SmallVector<int64_t> shape(first.getShape());
  for (auto t : in.operands.drop_front()) {
    if (t.getElementType() != first.getElementType() || t.getRank() != first.getRank())
      return fail(in, 3, "operands differ in dtype or rank: ", first, " and ", t);
    for (int64_t d = 0; d < t.getRank(); ++d)
      if (d != dim && t.getDimSize(d) != first.getDimSize(d))
        return fail(in, 4, "operands differ outside dim ", dim, ": ", first, " and ", t);
    shape[size_t(dim)] += t.getDimSize(dim);
  }
  return one(first.getElementType(), shape);
}

double noCost(mlir::Operation*) { return 0; }
double unitCost(mlir::Operation*) { return 1; }

}  // namespace

void registerShapeShape() {
  auto set = [](llvm::StringRef op, ShapeRule shape, CostRule cost) {
    rulesOf(op).shape = shape;
    rulesOf(op).cost = cost;
  };
  set("constant", constant, noCost);
  set("iota", iota, noCost);
  set("broadcast", broadcast, noCost);
  set("reshape", reshape, noCost);
  set("transpose", transpose, unitCost);
  set("slice", slice, noCost);
  set("reverse", reverse, unitCost);
  set("pad", pad, unitCost);
  set("concatenate", concatenate, unitCost);
  rulesOf("constant").differentiable = false;
  rulesOf("iota").differentiable = false;
}

}  // namespace nuthatch::ir
