// Shape and cost rules of the random operations. A key is two ui32 words in the last dimension.
#include "ir/ops/shape_support.h"

namespace nuthatch::ir {
namespace {
using namespace shapes;

bool isKey(mlir::RankedTensorType t) {
  return dtypeOf(t.getElementType()) == Dtype::ui32 && t.getRank() >= 1 && t.getShape().back() == 2;
}
Types notKey(ShapeInput& in) { return fail(in, 1, "the key is ", in.operands[0], ", not ui32[..., 2]"); }

Types bits(ShapeInput& in) {
  if (!isKey(in.operands[0])) return notKey(in);
  Dtype dtype = dtypeOf(dtypeAttribute(in));
  if (dtype != Dtype::ui32 && dtype != Dtype::ui64) return fail(in, 2, "bits are ui32 or ui64, not ", name(dtype));
  if (hasNegative(in.list("shape"))) return fail(in, 3, "negative extent in shape ", in.list("shape"));
  llvm::SmallVector<int64_t> shape(in.shape(0).drop_back());
  shape.append(in.list("shape").begin(), in.list("shape").end());
  return one(dtypeAttribute(in), shape);
}

Types split(ShapeInput& in) {
  if (!isKey(in.operands[0])) return notKey(in);
  if (in.integer("count") < 0) return fail(in, 2, "cannot split into ", in.integer("count"), " keys");
  llvm::SmallVector<int64_t> shape(in.shape(0).drop_back());
  shape.append({in.integer("count"), 2});
  return one(in.element(0), shape);
}

Types foldIn(ShapeInput& in) {
  if (!isKey(in.operands[0])) return notKey(in);
  if (dtypeOf(in.element(1)) != Dtype::ui32 || in.shape(1) != in.shape(0).drop_back())
    return fail(in, 2, "the data are ", in.operands[1], ", not one ui32 for each key of ", in.operands[0]);
  return {in.operands[0]};
}

// 20 rounds of add, rotate, xor give 64 bits.
double threefryCost(mlir::Operation*) { return 50; }

}  // namespace

void registerRandomShape() {
  auto set = [](llvm::StringRef op, ShapeRule shape) {
    OpRules& rules = rulesOf(op);
    rules.shape = shape;
    rules.cost = threefryCost;
    rules.differentiable = false;
  };
  set("rng_bits", bits);
  set("rng_split", split);
  set("rng_fold_in", foldIn);
}

}  // namespace nuthatch::ir
