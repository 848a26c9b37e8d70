#include "passes/loops/integer_range.h"

#include <algorithm>

namespace nuthatch::passes {

using namespace ir;
using mlir::Value;

namespace {

/// Bounds beyond this are given up, so that sums and products of bounds cannot overflow.
constexpr int64_t kLargest = int64_t(1) << 30;

std::optional<Range> bounded(int64_t low, int64_t high) {
  if (low < -kLargest || high > kLargest) return std::nullopt;
  return Range{low, high};
}

std::optional<Range> ofConstant(ConstantOp op) {
  auto dense = mlir::dyn_cast<mlir::DenseElementsAttr>(op.getValue());
  if (!dense || dense.empty() || dense.getNumElements() > 4096) return std::nullopt;
  int64_t low = kLargest + 1, high = -kLargest - 1;
  for (int64_t n : dense.getValues<int64_t>()) {
    low = std::min(low, n);
    high = std::max(high, n);
  }
  return bounded(low, high);
}

std::optional<Range> range(Value v, int depth);

std::optional<Range> ofSelect(SelectOp op, int depth) {
  auto compare = op.getPred().getDefiningOp<CompareOp>();
  if (auto answer = compare ? decided(compare) : std::nullopt) return range(*answer ? op.getA() : op.getB(), depth);
  auto a = range(op.getA(), depth), b = range(op.getB(), depth);
  if (!a || !b) return std::nullopt;
  return bounded(std::min(a->low, b->low), std::max(a->high, b->high));
}

/// The known side of a maximum or minimum.
std::optional<Range> oneSide(Value v, BinaryKind kind, int depth) {
  while (auto reshape = v.getDefiningOp<ReshapeOp>()) v = reshape.getX();
  auto op = v.getDefiningOp<BinaryOp>();
  if (!op || op.getKind() != kind) return std::nullopt;
  auto a = range(op.getA(), depth);
  return a ? a : range(op.getB(), depth);
}

/// min(max(x, low), high) and max(min(x, high), low) of any x.
std::optional<Range> ofClamp(BinaryOp op, std::optional<Range> a, std::optional<Range> b, int depth) {
  if (bool(a) == bool(b)) return std::nullopt;
  const bool min = op.getKind() == BinaryKind::min;
  if (!min && op.getKind() != BinaryKind::max) return std::nullopt;
  const Range outer = a ? *a : *b;
  auto inner = oneSide(a ? op.getB() : op.getA(), min ? BinaryKind::max : BinaryKind::min, depth);
  if (!inner) return std::nullopt;
  return min ? bounded(std::min(inner->low, outer.low), outer.high) : bounded(outer.low, std::max(inner->high, outer.high));
}

std::optional<Range> ofBinary(BinaryOp op, int depth) {
  auto a = range(op.getA(), depth), b = range(op.getB(), depth);
  if (!a || !b) return ofClamp(op, a, b, depth);
  switch (op.getKind()) {
    case BinaryKind::add: return bounded(a->low + b->low, a->high + b->high);
    case BinaryKind::sub: return bounded(a->low - b->high, a->high - b->low);
    case BinaryKind::min: return bounded(std::min(a->low, b->low), std::min(a->high, b->high));
    case BinaryKind::max: return bounded(std::max(a->low, b->low), std::max(a->high, b->high));
    case BinaryKind::mul: {
      auto [low, high] = std::minmax({a->low * b->low, a->low * b->high, a->high * b->low, a->high * b->high});
      return bounded(low, high);
    }
    default: return std::nullopt;
  }
}

std::optional<Range> ofArgument(mlir::BlockArgument argument) {
  auto loop = mlir::dyn_cast_or_null<ForOp>(argument.getOwner()->getParentOp());
  if (!loop || argument.getArgNumber() != 0 || loop.getTrip() == 0) return std::nullopt;
  return bounded(0, int64_t(loop.getTrip()) - 1);
}

std::optional<Range> range(Value v, int depth) {
  if (depth == 0 || !elementType(v).isSignlessInteger(64)) return std::nullopt;
  --depth;
  if (auto argument = mlir::dyn_cast<mlir::BlockArgument>(v)) return ofArgument(argument);
  if (auto op = v.getDefiningOp<ConstantOp>()) return ofConstant(op);
  if (auto op = v.getDefiningOp<IotaOp>()) {
    int64_t extent = op.getShape()[size_t(op.getDim())];
    return extent ? bounded(0, extent - 1) : std::nullopt;
  }
  if (auto op = v.getDefiningOp<BinaryOp>()) return ofBinary(op, depth);
  if (auto op = v.getDefiningOp<SelectOp>()) return ofSelect(op, depth);
  if (mlir::isa_and_nonnull<BroadcastOp, ReshapeOp, TransposeOp, SliceOp>(v.getDefiningOp()))
    return range(v.getDefiningOp()->getOperand(0), depth);
  return std::nullopt;
}

}  // namespace

std::optional<Range> rangeOf(Value v) { return range(v, 8); }

std::optional<bool> decided(CompareOp op) {
  auto a = rangeOf(op.getA()), b = rangeOf(op.getB());
  if (!a || !b) return std::nullopt;
  auto answer = [](bool yes, bool no) { return yes ? std::optional(true) : no ? std::optional(false) : std::nullopt; };
  bool same = a->low == a->high && b->low == b->high && a->low == b->low, apart = a->high < b->low || b->high < a->low;
  switch (op.getKind()) {
    case CompareKind::lt: return answer(a->high < b->low, a->low >= b->high);
    case CompareKind::le: return answer(a->high <= b->low, a->low > b->high);
    case CompareKind::gt: return answer(a->low > b->high, a->high <= b->low);
    case CompareKind::ge: return answer(a->low >= b->high, a->high < b->low);
    case CompareKind::eq: return answer(same, apart);
    case CompareKind::ne: return answer(apart, same);
  }
  return std::nullopt;
}

}  // namespace nuthatch::passes
