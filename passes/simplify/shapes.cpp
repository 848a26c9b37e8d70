// Compositions of operations that only arrange elements.
#include "passes/simplify/patterns.h"

namespace nuthatch::passes {
namespace {

using namespace ir;
using llvm::SmallVector;
using mlir::Value;
using Dims = llvm::ArrayRef<int64_t>;
using List = SmallVector<int64_t>;

bool all(Dims list, int64_t value) {
  return llvm::all_of(list, [&](int64_t n) { return n == value; });
}

Value reshape(ReshapeOp op, Builder& b) {
  if (op.getX().getType() == op.getType()) return op.getX();
  auto inner = op.getX().getDefiningOp<ReshapeOp>();
  return inner ? b.reshape(inner.getX(), op.getShape()) : Value();
}

Value transpose(TransposeOp op, Builder& b) {
  Dims perm = op.getPerm();
  if (llvm::is_sorted(perm)) return op.getX();
  if (auto inner = op.getX().getDefiningOp<TransposeOp>()) {
    List composed;
    for (int64_t d : perm) composed.push_back(inner.getPerm()[size_t(d)]);
    return b.transpose(inner.getX(), composed);
  }
  // Moving only extents of one does not move elements.
  List moved;
  for (int64_t d : perm)
    if (shapeOf(op.getX())[size_t(d)] != 1) moved.push_back(d);
  return llvm::is_sorted(moved) ? b.reshape(op.getX(), shapeOf(op.getResult())) : Value();
}

Value slice(SliceOp op, Builder& b) {
  Value x = op.getX();
  if (x.getType() == op.getType() && all(op.getStride(), 1)) return x;
  if (auto inner = x.getDefiningOp<SliceOp>()) {
    List start, limit, stride;
    for (size_t d = 0; d < op.getStart().size(); ++d) {
      int64_t step = inner.getStride()[d];
      start.push_back(inner.getStart()[d] + op.getStart()[d] * step);
      stride.push_back(op.getStride()[d] * step);
      int64_t extent = shapeOf(op.getResult())[d];
      limit.push_back(extent ? start.back() + (extent - 1) * stride.back() + 1 : start.back());
      if (start.back() > shapeOf(inner.getX())[d]) return {};
    }
    return b.slice(inner.getX(), start, limit, stride);
  }
  // Inside one piece of a concatenation.
  auto pieces = x.getDefiningOp<ConcatenateOp>();
  if (!pieces) return {};
  size_t dim = pieces.getDim();
  int64_t begin = 0;
  for (Value piece : pieces.getXs()) {
    int64_t end = begin + shapeOf(piece)[dim];
    if (op.getStart()[dim] >= begin && op.getLimit()[dim] <= end) {
      List start(op.getStart()), limit(op.getLimit());
      start[dim] -= begin;
      limit[dim] -= begin;
      return b.slice(piece, start, limit, op.getStride());
    }
    begin = end;
  }
  return {};
}

/// y continues x along dim: neighbouring slices of one array.
bool continues(Value x, Value y, size_t dim) {
  auto s = x.getDefiningOp<SliceOp>(), t = y.getDefiningOp<SliceOp>();
  if (!s || !t || s.getX() != t.getX() || !all(s.getStride(), 1) || !all(t.getStride(), 1)) return false;
  for (size_t d = 0; d < s.getStart().size(); ++d) {
    bool fits = d == dim ? s.getLimit()[d] == t.getStart()[d] : s.getStart()[d] == t.getStart()[d] && s.getLimit()[d] == t.getLimit()[d];
    if (!fits) return false;
  }
  return true;
}

Value concatenate(ConcatenateOp op, Builder& b) {
  if (op.getXs().size() == 1) return op.getXs()[0];
  size_t dim = op.getDim();
  SmallVector<Value> pieces;
  bool changed = false;
  auto append = [&](Value piece) {
    if (shapeOf(piece)[dim] == 0) {
      changed = true;
      return;
    }
    if (!pieces.empty() && continues(pieces.back(), piece, dim)) {
      auto s = pieces.back().getDefiningOp<SliceOp>();
      List limit(piece.getDefiningOp<SliceOp>().getLimit());
      pieces.back() = b.slice(s.getX(), s.getStart(), limit, s.getStride());
      changed = true;
      return;
    }
    pieces.push_back(piece);
  };
  for (Value x : op.getXs()) {
    auto inner = x.getDefiningOp<ConcatenateOp>();
    if (inner && inner.getDim() == op.getDim() && x.hasOneUse()) {
      for (Value piece : inner.getXs()) append(piece);
      changed = true;
    } else {
      append(x);
    }
  }
  if (!changed || pieces.empty()) return {};
  return pieces.size() == 1 ? pieces[0] : b.concatenate(pieces, int64_t(dim));
}

Value pad(PadOp op, Builder&) {
  bool nothing = all(op.getLow(), 0) && all(op.getHigh(), 0) && op.getX().getType() == op.getType();
  return nothing ? Value(op.getX()) : Value();
}

Value reverse(ReverseOp op, Builder& b) {
  List dims;
  for (int64_t d : op.getDims())
    if (shapeOf(op.getX())[size_t(d)] > 1) dims.push_back(d);
  if (dims.empty()) return op.getX();
  auto inner = op.getX().getDefiningOp<ReverseOp>();
  if (inner && inner.getDims() == op.getDims()) return inner.getX();
  return dims.size() < op.getDims().size() ? b.reverse(op.getX(), dims) : Value();
}

}  // namespace

void addShapes(mlir::RewritePatternSet& set) {
  add<ReshapeOp>(set, reshape);
  add<TransposeOp>(set, transpose);
  add<SliceOp>(set, slice);
  add<ConcatenateOp>(set, concatenate);
  add<PadOp>(set, pad);
  add<ReverseOp>(set, reverse);
}

}  // namespace nuthatch::passes
