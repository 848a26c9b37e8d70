#include "passes/autodiff/cotangents.h"

namespace nuthatch::passes {
using namespace ir;
using mlir::Value;

void Cotangents::add(Lean& e, Value of, Value cotangent) {
  if (!cotangent) return;
  assert(of.getType() == cotangent.getType() && "cotangent of another type");
  Sum& sum = sums[of];
  sum.dense = sum.dense ? e.add(sum.dense, cotangent) : cotangent;
}

void Cotangents::set(Value of, Value value, bool carried) {
  Sum& sum = sums[of];
  sum = {value, {}, sum.carried || carried};
}

Value Cotangents::get(Lean& e, Value of) {
  auto found = sums.find(of);
  return found == sums.end() ? Value() : assemble(e, of, found->second);
}

Value Cotangents::take(Lean& e, Value of) {
  Value sum = get(e, of);
  sums.erase(of);
  return sum;
}

static llvm::SmallVector<Value> constants(Lean& e, llvm::ArrayRef<int64_t> list) {
  llvm::SmallVector<Value> values;
  for (int64_t n : list) values.push_back(e.scalar(n));
  return values;
}

void Cotangents::addSlice(Lean& e, Value of, llvm::ArrayRef<int64_t> start, Value cotangent) {
  Sum& sum = sums[of];
  if (sum.carried && sum.dense) {
    auto starts = constants(e, start);
    Value grown = e.add(e.dynamicSlice(sum.dense, starts, shapeOf(cotangent)), cotangent);
    sum.dense = e.dynamicUpdateSlice(sum.dense, grown, starts);
    return;
  }
  sum.slices.push_back({llvm::SmallVector<int64_t>(start), cotangent, sum.slices.size()});
}

void Cotangents::addIndexed(Lean& e, mlir::Operation* op, Value cotangent) {
  Value of = op->getOperand(0);
  Sum& sum = sums[of];
  Value before = sum.dense;
  if (auto slice = llvm::dyn_cast<DynamicSliceOp>(op); slice && before) {
    Value grown = e.add(e.dynamicSlice(before, slice.getStarts(), slice.getSizes()), cotangent);
    sum.dense = e.dynamicUpdateSlice(before, grown, slice.getStarts());
    return;
  }
  Derivatives fresh = rulesOf(op).vjp(e, op, op->getOperands(), op->getResults(), cotangent,
                                      llvm::SmallVector<bool>(op->getNumOperands(), true));
  auto scatter = fresh[0].getDefiningOp<ScatterOp>();
  if (before && scatter) {  // the rule adds into zeros; let it add into the sum
    mlir::Operation* zeros = scatter.getX().getDefiningOp();
    scatter.getXMutable().assign(before);
    if (zeros && zeros->use_empty()) zeros->erase();
    sum.dense = fresh[0];
    return;
  }
  sum.dense = before ? e.add(before, fresh[0]) : fresh[0];
}

Value Cotangents::assemble(Lean& e, Value of, Sum& sum) {
  if (sum.slices.empty()) return sum.dense;
  llvm::ArrayRef<int64_t> shape = shapeOf(of);
  // One dimension along which every slice is a full cross-section?
  int64_t dim = -1;
  for (const Slice& s : sum.slices)
    for (auto [d, extent] : llvm::enumerate(shapeOf(s.value)))
      if (extent != shape[d]) dim = dim < 0 || dim == int64_t(d) ? int64_t(d) : int64_t(shape.size());
  bool tiles = dim >= 0 && dim < int64_t(shape.size());
  auto slices = std::move(sum.slices);
  sum.slices.clear();
  auto from = [&](const Slice& s) { return s.start[dim]; };
  auto to = [&](const Slice& s) { return s.start[dim] + shapeOf(s.value)[dim]; };
  if (tiles) {
    llvm::sort(slices, [&](const Slice& a, const Slice& b) {
      return std::tuple(from(a), to(a), a.order) < std::tuple(from(b), to(b), b.order);
    });
    // Slices of the same extent are added up; others must not overlap.
    llvm::SmallVector<Slice, 0> merged;
    for (Slice& s : slices) {
      if (!merged.empty() && from(merged.back()) == from(s) && to(merged.back()) == to(s))
        merged.back().value = e.add(merged.back().value, s.value);
      else
        merged.push_back(std::move(s));
    }
    slices = std::move(merged);
    for (size_t i = 1; i < slices.size(); ++i) tiles &= to(slices[i - 1]) <= from(slices[i]);
  }
  auto zeros = [&](int64_t extent) {
    llvm::SmallVector<int64_t> gap(shape);
    gap[dim] = extent;
    return e.splat(mlir::RankedTensorType::get(gap, elementType(of)), 0.0);
  };
  Value total;
  if (tiles) {
    llvm::SmallVector<Value> parts;
    int64_t at = 0;
    for (const Slice& s : slices) {
      if (from(s) > at) parts.push_back(zeros(from(s) - at));
      parts.push_back(s.value);
      at = to(s);
    }
    if (at < shape[dim]) parts.push_back(zeros(shape[dim] - at));
    total = parts.size() == 1 ? parts[0] : e.concatenate(parts, dim);
  } else {
    Value zero = e.splat(mlir::RankedTensorType::get({}, elementType(of)), 0.0);
    for (const Slice& s : slices) {
      llvm::SmallVector<int64_t> high, interior(shape.size(), 0);
      bool whole = true;
      for (size_t d = 0; d < shape.size(); ++d) {
        high.push_back(shape[d] - s.start[d] - shapeOf(s.value)[d]);
        whole &= shapeOf(s.value)[d] == shape[d];
      }
      total = e.add(total, whole ? s.value : e.pad(s.value, s.start, high, interior, zero));
    }
  }
  return sum.dense = e.add(sum.dense, total);
}

}  // namespace nuthatch::passes
