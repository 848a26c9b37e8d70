#include "passes/recursions/match.h"

#include <cmath>

namespace nuthatch::passes {

using namespace ir;
using mlir::Value;

namespace {

template <class Op> Op made(Value v) { return withoutReshapes(v).getDefiningOp<Op>(); }

UnaryOp unary(Value v, UnaryKind kind) {
  auto op = made<UnaryOp>(v);
  return op && op.getKind() == kind ? op : UnaryOp();
}
BinaryOp binary(Value v, BinaryKind kind) {
  auto op = made<BinaryOp>(v);
  return op && op.getKind() == kind ? op : BinaryOp();
}
ReduceOp reduce(Value v, ReduceKind kind) {
  auto op = made<ReduceOp>(v);
  return op && op.getKind() == kind ? op : ReduceOp();
}

Value withoutBroadcasts(Value v) {
  while (true) {
    v = withoutReshapes(v);
    auto broadcast = v.getDefiningOp<BroadcastOp>();
    if (!broadcast) return v;
    v = broadcast.getX();
  }
}

bool isNumber(Value v, double c) {
  auto op = withoutBroadcasts(v).getDefiningOp<ConstantOp>();
  auto literal = op ? mlir::dyn_cast<mlir::DenseFPElementsAttr>(op.getValue()) : mlir::DenseFPElementsAttr();
  return literal && literal.isSplat() && literal.getSplatValue<llvm::APFloat>().convertToDouble() == c;
}

/// max(x) over dims where it is finite, else zero.
bool isShift(Value v, Value x, llvm::ArrayRef<int64_t> dims) {
  auto choice = made<SelectOp>(v);
  if (!choice || !isNumber(choice.getB(), 0)) return false;
  auto finite = unary(choice.getPred(), UnaryKind::is_finite);
  if (!finite || withoutReshapes(finite.getX()) != withoutReshapes(choice.getA())) return false;
  Value most = choice.getA();
  if (auto stop = unary(most, UnaryKind::stop_gradient)) most = stop.getX();
  auto max = reduce(most, ReduceKind::max);
  return max && max.getX() == x && max.getDims() == dims;
}

}  // namespace

Value withoutReshapes(Value v) {
  while (auto reshape = v.getDefiningOp<ReshapeOp>()) v = reshape.getX();
  return v;
}

std::optional<LogSumExp> matchLogSumExp(Value v) {
  auto sum = binary(v, BinaryKind::add);
  auto logarithm = sum ? made<SelectOp>(sum.getA()) : SelectOp();
  if (!logarithm || !isNumber(logarithm.getA(), -INFINITY)) return std::nullopt;
  auto log = unary(logarithm.getB(), UnaryKind::log);
  auto guarded = log ? made<SelectOp>(log.getX()) : SelectOp();
  auto empty = made<CompareOp>(logarithm.getPred());
  if (!guarded || !empty || guarded.getPred() != logarithm.getPred() || empty.getKind() != CompareKind::eq) return std::nullopt;
  if (!isNumber(guarded.getA(), 1) || !isNumber(empty.getB(), 0) || empty.getA() != guarded.getB()) return std::nullopt;
  auto total = reduce(guarded.getB(), ReduceKind::sum);
  auto exp = total ? unary(total.getX(), UnaryKind::exp) : UnaryOp();
  auto shifted = exp ? binary(exp.getX(), BinaryKind::sub) : BinaryOp();
  if (!shifted) return std::nullopt;
  const auto dims = total.getDims();
  Value x = shifted.getA();
  if (withoutBroadcasts(shifted.getB()) != withoutReshapes(sum.getB()) || !isShift(sum.getB(), x, dims)) return std::nullopt;
  return LogSumExp{x, llvm::SmallVector<int64_t>(dims)};
}

}  // namespace nuthatch::passes
