#include "passes/statistics/cells.h"

#include "passes/simplify/patterns.h"

namespace nuthatch::passes {

using namespace ir;
using llvm::SmallVector;
using mlir::Operation;
using mlir::Value;

namespace {

constexpr int64_t kFirstAxis[] = {0};
const llvm::ArrayRef<int64_t> kFirst = kFirstAxis, kNone;

bool elementwise(Operation* op) {
  if (auto unary = mlir::dyn_cast<UnaryOp>(op)) return unary.getKind() != UnaryKind::stop_gradient;
  return mlir::isa<BinaryOp, TernaryOp, CompareOp, SelectOp, ConvertOp>(op);
}

/// Lookups t[g] of scalars.
GatherOp lookup(Operation* op) {
  auto gather = mlir::dyn_cast<GatherOp>(op);
  if (!gather || shapeOf(gather.getX()).size() != 1 || shapeOf(gather.getResult()).size() != 1) return {};
  const bool plain = shapeOf(gather.getIndices()).size() == 2 && gather.getCollapsedDims().size() == 1 && gather.getOperandBatchDims().empty();
  return plain ? gather : GatherOp();
}

bool matrixTimesVector(Operation* op) {
  return mlir::isa<DotGeneralOp>(op) && shapeOf(op->getResult(0)).size() == 1 &&
         shapeOf(op->getOperand(0)).size() + shapeOf(op->getOperand(1)).size() == 3;
}

}  // namespace

std::optional<LinearMap> linearMap(Value v, const LoopInvariants& invariants) {
  auto column = v.getDefiningOp<ReshapeOp>();
  auto solve = column ? column.getX().getDefiningOp<TriangularSolveOp>() : TriangularSolveOp();
  if (solve && shapeOf(v).size() == 1 && shapeOf(solve.getResult()).size() == 2 && shapeOf(solve.getResult())[1] == 1) {
    auto right = solve.getB().getDefiningOp<ReshapeOp>();
    if (!right || shapeOf(right.getX()) != shapeOf(v) || !invariants.invariant(solve.getA())) return std::nullopt;
    return LinearMap{solve, right.getX()};
  }
  auto dot = v.getDefiningOp<DotGeneralOp>();
  if (!dot || !matrixTimesVector(dot)) return std::nullopt;
  Value x = dot.getLhs(), y = dot.getRhs();
  if (shapeOf(x).size() == 1) std::swap(x, y);
  if (shapeOf(y) != shapeOf(v) || !invariants.invariant(x)) return std::nullopt;
  return LinearMap{dot, y};
}

std::optional<Cells> Cells::of(Value summand, LoopInvariants& invariants) {
  Cells c;
  c.full.assign(shapeOf(summand).begin(), shapeOf(summand).end());
  llvm::DenseSet<Value> seen;
  if (!c.scan(summand, invariants, seen) || (c.groups && !c.kept.empty())) return std::nullopt;
  llvm::sort(c.kept);
  for (int64_t extent : c.full) c.total *= extent;
  for (int64_t d : c.kept) c.cells *= c.full[size_t(d)];
  if (!c.groups) return c;
  // gather takes indices that are too large as the largest; scatter would drop them.
  Builder p(invariants.builder, summand.getLoc());
  Value index = invariants.before(c.groups);
  c.clamped = p.binary(BinaryKind::min, p.binary(BinaryKind::max, index, p.like(index, 0)), p.like(index, double(c.cells - 1)));
  return c;
}

bool Cells::scan(Value v, LoopInvariants& invariants, llvm::DenseSet<Value>& seen) {
  Operation* op = v.getDefiningOp();
  if (!seen.insert(v).second) return true;
  if (auto broadcast = v.getDefiningOp<BroadcastOp>()) {
    if (invariants.invariant(v)) return true;
    for (auto [i, d] : llvm::enumerate(broadcast.getDims()))
      if (shapeOf(broadcast.getX())[i] != 1 && !llvm::is_contained(kept, d)) kept.push_back(d);
    return true;
  }
  if (invariants.invariant(v)) return true;
  if (!op) return false;
  if (auto gather = lookup(op)) {
    if (!invariants.invariant(gather.getIndices())) return false;
    const int64_t n = shapeOf(gather.getX())[0];
    if (groups) return n == cells && sameComputation(groups, gather.getIndices());
    groups = gather.getIndices(), cells = n;
    return true;
  }
  if (auto map = linearMap(v, invariants)) {
    Cells with = *this;
    if (with.scan(map->vector, invariants, seen)) *this = with;
    else if (!matrixTimesVector(op)) return false;
    return true;
  }
  if (matrixTimesVector(op)) return true;
  return elementwise(op) && llvm::all_of(op->getOperands(), [&](Value x) { return scan(x, invariants, seen); });
}

bool Cells::isParameter(Value v) {
  auto found = constant.find(v);
  if (found != constant.end()) return found->second;
  const bool is = constantWithin(v);
  return constant[v] = is;
}

bool Cells::constantWithin(Value v) {
  Operation* op = v.getDefiningOp();
  if (!op) return false;
  if (auto constant = mlir::dyn_cast<ConstantOp>(op)) return constant.getValue().isSplat();
  if (auto broadcast = mlir::dyn_cast<BroadcastOp>(op)) {
    for (auto [i, d] : llvm::enumerate(broadcast.getDims()))
      if (shapeOf(broadcast.getX())[i] != 1 && !llvm::is_contained(kept, d)) return false;
    return true;
  }
  if (auto gather = lookup(op)) return groups && shapeOf(gather.getX())[0] == cells && sameComputation(groups, gather.getIndices());
  return elementwise(op) && llvm::all_of(op->getOperands(), [&](Value x) { return isParameter(x); });
}

Value Cells::wide(Value v, Builder& b) const { return cells == 1 || !shapeOf(v).empty() ? v : b.broadcast(v, {cells}, {}); }

Value Cells::parameter(Value v, Builder& b) {
  if (Value done = values.lookup(v)) return done;
  Value value = valueOf(v, b);
  return values[v] = value;
}

Value Cells::valueOf(Value v, Builder& b) {
  Operation* op = v.getDefiningOp();
  if (auto constant = mlir::dyn_cast<ConstantOp>(op)) {
    auto type = mlir::RankedTensorType::get({}, elementType(v));
    return ConstantOp::create(b.b, b.loc, type, mlir::cast<mlir::DenseElementsAttr>(constant.getValue()).resizeSplat(type));
  }
  if (auto gather = mlir::dyn_cast<GatherOp>(op)) return gather.getX();
  if (auto broadcast = mlir::dyn_cast<BroadcastOp>(op)) {
    SmallVector<int64_t> extents, places, axes;
    for (auto [i, d] : llvm::enumerate(broadcast.getDims())) {
      if (shapeOf(broadcast.getX())[i] == 1) continue;
      extents.push_back(shapeOf(broadcast.getX())[i]);
      places.push_back(llvm::find(kept, d) - kept.begin());
    }
    Value x = b.reshape(broadcast.getX(), extents);
    if (extents.empty()) return x;
    for (int64_t d : kept) axes.push_back(full[size_t(d)]);
    return b.reshape(b.broadcast(x, axes, places), {cells});
  }
  SmallVector<Value> operands;
  for (Value x : op->getOperands()) operands.push_back(parameter(x, b));
  if (llvm::any_of(operands, [](Value x) { return !shapeOf(x).empty(); }))
    for (Value& x : operands) x = wide(x, b);
  return b.one(op->getName().stripDialect(), operands, op->getAttrs());
}

Value Cells::sums(Value x, Builder& b) const {
  const bool matrix = shapeOf(x) != llvm::ArrayRef<int64_t>(full);
  if (groups) {
    SmallVector<int64_t> shape{cells}, window;
    if (matrix) shape.push_back(shapeOf(x)[1]), window.push_back(1);
    Value zeros = b.zeros(mlir::RankedTensorType::get(shape, elementType(x)));
    return b.one("scatter", {zeros, clamped, x},
                 {b.kind(uint32_t(ScatterKind::add)), b.attr("window_dims", window), b.attr("inserted_dims", kFirst),
                  b.attr("operand_batch_dims", kNone), b.attr("indices_batch_dims", kNone),
                  b.attr("index_map", kFirst)});
  }
  SmallVector<int64_t> summed;
  if (matrix) return b.sum(x, {0});
  for (int64_t d = 0; d < int64_t(full.size()); ++d)
    if (!llvm::is_contained(kept, d)) summed.push_back(d);
  Value sums = b.sum(x, summed);
  return kept.empty() ? sums : b.reshape(sums, {cells});
}

Value Cells::sizes(mlir::Type element, Builder& b) const {
  if (groups) return sums(b.splat(mlir::RankedTensorType::get(full, element), 1), b);
  return b.splat(mlir::RankedTensorType::get(kept.empty() ? llvm::ArrayRef<int64_t>{} : llvm::ArrayRef(cells), element), double(total / cells));
}

Value Cells::spread(Value ofCells, bool matrix, Builder& b) const {
  if (groups) {
    SmallVector<int64_t> sizes{1}, offsets;
    if (matrix) sizes.push_back(shapeOf(ofCells)[1]), offsets.push_back(1);
    return b.one("gather", {ofCells, clamped},
                 {b.attr("offset_dims", offsets), b.attr("collapsed_dims", kFirst), b.attr("operand_batch_dims", kNone),
                  b.attr("indices_batch_dims", kNone), b.attr("index_map", kFirst), b.attr("slice_sizes", sizes)});
  }
  if (matrix) return b.broadcast(ofCells, {total, shapeOf(ofCells)[0]}, {1});
  if (kept.empty()) return b.spread(ofCells, full);
  SmallVector<int64_t> axes;
  for (int64_t d : kept) axes.push_back(full[size_t(d)]);
  return b.broadcast(b.reshape(ofCells, axes), full, kept);
}

}  // namespace nuthatch::passes
