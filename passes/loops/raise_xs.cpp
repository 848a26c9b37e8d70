#include "passes/loops/raise_xs.h"

#include "ir/ops/builder.h"
#include "passes/loops/integer_range.h"

namespace nuthatch::passes {

using namespace ir;
using llvm::SmallVector;
using mlir::Value;
using List = SmallVector<int64_t>;

namespace {

/// sign * counter + offset.
struct Affine {
  int64_t sign, offset;
};

std::optional<int64_t> literal(Value v) {
  auto op = v.getDefiningOp<ConstantOp>();
  if (!op || !shapeOf(v).empty()) return std::nullopt;
  return *mlir::cast<mlir::DenseElementsAttr>(op.getValue()).getValues<int64_t>().begin();
}

/// Through the choice that indexing from the end makes, where the sign of the index is known.
Value withoutWrap(Value v) {
  while (auto choice = v.getDefiningOp<SelectOp>()) {
    auto compare = choice.getPred().getDefiningOp<CompareOp>();
    auto answer = compare ? decided(compare) : std::nullopt;
    if (!answer) break;
    v = *answer ? choice.getA() : choice.getB();
  }
  return v;
}

std::optional<Affine> affineIn(Value counter, Value index) {
  Value v = withoutWrap(index);
  if (v == counter) return Affine{1, 0};
  auto op = v.getDefiningOp<BinaryOp>();
  if (!op) return std::nullopt;
  auto a = affineIn(counter, op.getA()), b = affineIn(counter, op.getB());
  auto m = literal(op.getA()), n = literal(op.getB());
  if (op.getKind() == BinaryKind::add && a && n) return Affine{a->sign, a->offset + *n};
  if (op.getKind() == BinaryKind::add && m && b) return Affine{b->sign, *m + b->offset};
  if (op.getKind() == BinaryKind::sub && a && n) return Affine{a->sign, a->offset - *n};
  if (op.getKind() == BinaryKind::sub && m && b) return Affine{-b->sign, *m - b->offset};
  return std::nullopt;
}

struct Read {
  DynamicSliceOp op;
  int64_t dim;
  Affine at;
};

class Raiser {
 public:
  explicit Raiser(ForOp loop) : loop(loop), counter(loop.getBody().getArgument(0)) {}

  ForOp run() {
    SmallVector<Read> reads;
    loop.getBody().walk([&](DynamicSliceOp op) {
      if (auto read = match(op)) reads.push_back(*read);
    });
    if (reads.empty()) return loop;
    SmallVector<Value> inputs(loop.getInputs());
    mlir::Block& body = loop.getBody().front();
    for (Read& read : reads) {
      inputs.push_back(stackOf(read));
      auto type = tensorType(inputs.back());
      Value slab = body.addArgument(mlir::RankedTensorType::get(type.getShape().drop_front(), type.getElementType()), read.op.getLoc());
      mlir::OpBuilder at(read.op);
      Builder b(at, read.op.getLoc());
      read.op.replaceAllUsesWith(b.reshape(slab, read.op.getSizes()));
      read.op.erase();
    }
    mlir::OpBuilder at(loop);
    auto raised = ForOp::create(at, loop.getLoc(), loop.getResultTypes(), loop.getTripAttr(), loop.getNumCarriesAttr(),
                                loop.getReverseAttr(), inputs);
    raised->setDiscardableAttrs(loop->getDiscardableAttrDictionary());
    raised.getBody().takeBody(loop.getBody());
    loop->replaceAllUsesWith(raised);
    loop.erase();
    return raised;
  }

 private:
  bool outside(Value v) { return !loop->isAncestor(v.getParentBlock()->getParentOp()); }

  std::optional<Read> match(DynamicSliceOp op) {
    if (!outside(op.getX())) return std::nullopt;
    std::optional<Read> read;
    int64_t trip = int64_t(loop.getTrip());
    for (auto [d, start] : llvm::enumerate(op.getStarts())) {
      if (outside(start) || literal(start) || op.getSizes()[d] == shapeOf(op.getX())[d]) continue;
      auto at = affineIn(counter, start);
      if (!at || read || op.getSizes()[d] != 1) return std::nullopt;
      int64_t first = at->offset, last = at->offset + at->sign * (trip - 1);
      // Where indices would be clamped the slices are not those of a range.
      if (std::min(first, last) < 0 || std::max(first, last) >= shapeOf(op.getX())[d]) return std::nullopt;
      read = Read{op, int64_t(d), *at};
    }
    return read;
  }

  /// The blocks of all iterations: (trip, ...), the dimension of the counter in front.
  Value stackOf(const Read& read) {
    mlir::OpBuilder at(loop);
    DynamicSliceOp op = read.op;
    Builder b(at, op.getLoc());
    int64_t trip = int64_t(loop.getTrip());
    Value x = op.getX();
    List sizes(op.getSizes());
    sizes[size_t(read.dim)] = trip;
    if (llvm::ArrayRef(sizes) != shapeOf(x)) {
      SmallVector<Value> starts;
      for (auto [d, start] : llvm::enumerate(op.getStarts())) {
        if (int64_t(d) == read.dim) starts.push_back(b.scalar(read.at.sign > 0 ? read.at.offset : read.at.offset - trip + 1));
        else if (outside(start)) starts.push_back(start);
        else starts.push_back(b.scalar(literal(start).value_or(0)));
      }
      x = b.dynamicSlice(x, starts, sizes);
    }
    if (read.at.sign < 0) x = b.reverse(x, {read.dim});
    List perm{read.dim};
    for (int64_t d = 0; d < int64_t(sizes.size()); ++d)
      if (d != read.dim) perm.push_back(d);
    return read.dim == 0 ? x : b.transpose(x, perm);
  }

  ForOp loop;
  Value counter;
};

}  // namespace

ForOp raiseToXs(ForOp loop) { return Raiser(loop).run(); }

void raiseToXs(mlir::ModuleOp module) {
  SmallVector<ForOp> loops;
  module.walk<mlir::WalkOrder::PostOrder>([&](ForOp loop) { loops.push_back(loop); });
  for (ForOp loop : loops) raiseToXs(loop);
}

}  // namespace nuthatch::passes
