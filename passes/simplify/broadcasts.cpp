// Broadcasts move behind what can be computed on fewer elements.
#include <numeric>

#include "passes/simplify/patterns.h"

namespace nuthatch::passes {
namespace {

using namespace ir;
using llvm::SmallVector;
using mlir::Operation;
using mlir::Value;
using Dims = llvm::ArrayRef<int64_t>;
using List = SmallVector<int64_t>;

bool isIdentity(Dims perm) {
  for (size_t i = 0; i < perm.size(); ++i)
    if (perm[i] != int64_t(i)) return false;
  return true;
}

Value broadcast(BroadcastOp op, Builder& b) {
  Value x = op.getX();
  if (x.getType() == op.getType() && isIdentity(op.getDims())) return x;
  if (auto inner = x.getDefiningOp<BroadcastOp>()) {
    List dims;
    for (int64_t d : inner.getDims()) dims.push_back(op.getDims()[size_t(d)]);
    return b.broadcast(inner.getX(), op.getShape(), dims);
  }
  // Extents of one vanish: (n, 1) along {0, 1} is (n) along {0}.
  List shape, dims;
  for (size_t i = 0; i < op.getDims().size(); ++i) {
    if (shapeOf(x)[i] == 1) continue;
    shape.push_back(shapeOf(x)[i]);
    dims.push_back(op.getDims()[i]);
  }
  if (shape.size() == op.getDims().size()) return {};
  // Where nothing repeats it is a reshape.
  if (tensorType(x).getNumElements() == op.getType().getNumElements() && llvm::is_sorted(dims)) return b.reshape(x, op.getShape());
  return b.broadcast(b.reshape(x, shape), op.getShape(), dims);
}

bool elementwise(Operation* op) {
  return mlir::isa<UnaryOp, BinaryOp, TernaryOp, CompareOp, SelectOp, FmaOp, ConvertOp, BitcastOp>(op);
}

/// f(broadcast x, broadcast y, literal) = broadcast f(x, y, literal) for broadcasts of one kind.
class ElementwiseOfBroadcasts final : public mlir::RewritePattern {
 public:
  explicit ElementwiseOfBroadcasts(mlir::MLIRContext* c) : RewritePattern(MatchAnyOpTypeTag(), 1, c) {}
  mlir::LogicalResult matchAndRewrite(Operation* op, mlir::PatternRewriter& rewriter) const override {
    if (!elementwise(op)) return mlir::failure();
    BroadcastOp model;
    for (Value v : op->getOperands()) {
      auto broadcast = v.getDefiningOp<BroadcastOp>();
      if (!broadcast) {
        auto constant = v.getDefiningOp<ConstantOp>();
        if (!constant || !constant.getValue().isSplat()) return mlir::failure();
        continue;
      }
      if (model && (model.getDims() != broadcast.getDims() || shapeOf(model.getX()) != shapeOf(broadcast.getX()))) return mlir::failure();
      model = broadcast;
    }
    if (!model || tensorType(model.getX()).getNumElements() >= tensorType(op->getResult(0)).getNumElements()) return mlir::failure();
    Builder b(rewriter, op->getLoc());
    SmallVector<Value> operands;
    for (Value v : op->getOperands()) {
      if (auto broadcast = v.getDefiningOp<BroadcastOp>()) {
        operands.push_back(broadcast.getX());
        continue;
      }
      auto literal = mlir::cast<mlir::DenseElementsAttr>(v.getDefiningOp<ConstantOp>().getValue());
      auto type = mlir::RankedTensorType::get(shapeOf(model.getX()), elementType(v));
      operands.push_back(ConstantOp::create(rewriter, op->getLoc(), type, literal.resizeSplat(type)));
    }
    Value small = b.one(op->getName().stripDialect(), operands, op->getAttrs());
    rewriter.replaceOp(op, b.broadcast(small, shapeOf(op->getResult(0)), model.getDims()));
    return mlir::success();
  }
};

/// Repetitions that a largest, smallest, all or any of them does not see; integer sums count them.
Value reduce(ReduceOp op, Builder& b) {
  Value x = op.getX();
  Dims shape = shapeOf(x);
  List dims(op.getDims());
  if (dims.empty()) return x;
  // The sum of one element is that element: the identity of sums is -0.
  List kept;
  for (int64_t d : dims)
    if (shape[size_t(d)] != 1) kept.push_back(d);
  if (kept.size() < dims.size()) {
    List squeezed, remaining;
    for (int64_t d = 0; d < int64_t(shape.size()); ++d) {
      if (llvm::is_contained(dims, d) && shape[size_t(d)] == 1) continue;
      if (llvm::is_contained(kept, d)) remaining.push_back(int64_t(squeezed.size()));
      squeezed.push_back(shape[size_t(d)]);
    }
    Value y = b.reshape(x, squeezed);
    return remaining.empty() ? y : b.reduce(op.getKind(), y, remaining);
  }
  auto broadcast = x.getDefiningOp<BroadcastOp>();
  bool sum = op.getKind() == ReduceKind::sum, integer = mlir::isa<mlir::IntegerType>(elementType(x));
  if (!broadcast || op.getKind() == ReduceKind::prod || (sum && !integer)) return {};
  int64_t copies = 1;
  List small, smallDims, reduced;
  for (int64_t d = 0; d < int64_t(shape.size()); ++d) {
    bool repeats = !llvm::is_contained(broadcast.getDims(), d);
    if (repeats && llvm::is_contained(dims, d)) {
      copies *= shape[size_t(d)];
      continue;
    }
    if (llvm::is_contained(dims, d)) reduced.push_back(int64_t(small.size()));
    small.push_back(shape[size_t(d)]);
  }
  if (copies <= 1) return {};
  for (int64_t d : broadcast.getDims()) {
    int64_t before = 0;
    for (int64_t e : dims)
      if (e < d && !llvm::is_contained(broadcast.getDims(), e)) ++before;
    smallDims.push_back(d - before);
  }
  Value y = b.broadcast(broadcast.getX(), small, smallDims);
  if (!reduced.empty()) y = b.reduce(op.getKind(), y, reduced);
  return sum ? b.mul(y, b.like(y, double(copies))) : y;
}

Value transposeOfBroadcast(TransposeOp op, Builder& b) {
  auto broadcast = op.getX().getDefiningOp<BroadcastOp>();
  if (!broadcast) return {};
  List place(op.getPerm().size()), dims;
  for (auto [to, from] : llvm::enumerate(op.getPerm())) place[size_t(from)] = int64_t(to);
  for (int64_t d : broadcast.getDims()) dims.push_back(place[size_t(d)]);
  // The dimensions of a broadcast increase: what is left of the transposition happens on the smaller array.
  List order(dims.size());
  std::iota(order.begin(), order.end(), 0);
  llvm::sort(order, [&](int64_t i, int64_t j) { return dims[size_t(i)] < dims[size_t(j)]; });
  llvm::sort(dims);
  return b.broadcast(b.transpose(broadcast.getX(), order), shapeOf(op.getResult()), dims);
}

Value reshapeOfBroadcast(ReshapeOp op, Builder& b) {
  auto broadcast = op.getX().getDefiningOp<BroadcastOp>();
  return broadcast && broadcast.getDims().empty() ? b.broadcast(broadcast.getX(), op.getShape(), {}) : Value();
}

/// A slice that takes the dimensions of the operand whole.
Value sliceOfBroadcast(SliceOp op, Builder& b) {
  auto broadcast = op.getX().getDefiningOp<BroadcastOp>();
  if (!broadcast) return {};
  Dims from = shapeOf(op.getX()), to = shapeOf(op.getResult());
  for (auto [i, d] : llvm::enumerate(broadcast.getDims()))
    if (shapeOf(broadcast.getX())[i] != 1 && from[size_t(d)] != to[size_t(d)]) return {};
  return b.broadcast(broadcast.getX(), to, broadcast.getDims());
}

}  // namespace

void addBroadcasts(mlir::RewritePatternSet& set) {
  add<BroadcastOp>(set, broadcast);
  add<ReduceOp>(set, reduce);
  add<TransposeOp>(set, transposeOfBroadcast);
  add<ReshapeOp>(set, reshapeOfBroadcast);
  add<SliceOp>(set, sliceOfBroadcast);
  set.add<ElementwiseOfBroadcasts>(set.getContext());
}

}  // namespace nuthatch::passes
