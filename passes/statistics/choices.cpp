// Log densities of counts and truth values choose between terms by the data: x log p where 0 log 0 is 0, and
// log(x ? p : 1 - p). Both are affine in data.
#include "passes/statistics/affine.h"
#include "passes/simplify/patterns.h"

namespace nuthatch::passes {

using namespace ir;
using mlir::Operation;
using mlir::Value;

namespace {

bool isZero(Value v) {
  if (auto broadcast = v.getDefiningOp<BroadcastOp>()) v = broadcast.getX();
  return splatFloat(v) == 0.0;
}

/// x of x == 0.
Value comparedToZero(Value v) {
  auto compare = v.getDefiningOp<CompareOp>();
  return compare && compare.getKind() == CompareKind::eq && isZero(compare.getB()) ? Value(compare.getA()) : Value();
}

}  // namespace

/// select(e, 0, x f(select(e, c, y))), also without f, with e = (x == 0 and ...).
std::optional<GuardedProduct> AffineForms::guardedProduct(Value v) {
  auto outer = v.getDefiningOp<SelectOp>();
  auto product = outer ? outer.getB().getDefiningOp<BinaryOp>() : BinaryOp();
  auto empty = outer ? outer.getPred().getDefiningOp<BinaryOp>() : BinaryOp();
  if (!product || !empty || product.getKind() != BinaryKind::mul || empty.getKind() != BinaryKind::and_ || !isZero(outer.getA())) return std::nullopt;
  auto function = product.getB().getDefiningOp<UnaryOp>();
  auto inner = (function ? Value(function.getX()) : product.getB()).getDefiningOp<SelectOp>();
  Value x = product.getA();
  if (!inner || inner.getPred() != outer.getPred() || !invariants.invariant(x)) return std::nullopt;
  if (Value compared = comparedToZero(empty.getA()); !compared || !sameComputation(compared, x)) return std::nullopt;
  if (!cells.isParameter(empty.getB()) || !cells.isParameter(inner.getA()) || !cells.isParameter(inner.getB())) return std::nullopt;
  return GuardedProduct{x, empty.getB(), inner.getB(), inner.getA(), function ? std::optional(function.getKind()) : std::nullopt};
}

/// The guard is needed in cells all of whose data are 0.
Affine AffineForms::guarded(const GuardedProduct& g) {
  Builder p = before();
  Value x = invariants.before(g.data);
  Value size = cells.sums(p.unary(UnaryKind::abs, x), p);
  Value nothing = p.compare(CompareKind::eq, size, p.like(size, 0));
  Value empty = b.binary(BinaryKind::and_, nothing, cells.wide(cells.parameter(g.empty, b), b));
  Value y = b.select(empty, cells.wide(cells.parameter(g.instead, b), b), cells.wide(cells.parameter(g.parameter, b), b));
  return dataTimes(x, g.function ? b.unary(*g.function, y) : y);
}

/// The truth values, data, by which an expression of parameters chooses; null when there are none or several.
Value AffineForms::chooser(Value v) {
  Value mask;
  for (Operation* op = v.getDefiningOp(); op && op->getNumOperands();) {
    if (auto select = mlir::dyn_cast<SelectOp>(op); select && invariants.invariant(select.getPred())) {
      mask = select.getPred();
      break;
    }
    if (!mlir::isa<UnaryOp, BinaryOp>(op)) break;
    // Down the operand that is not a parameter: the other one cannot choose.
    Value next;
    for (Value x : op->getOperands())
      if (!cells.isParameter(x)) next = next ? next : x;
    op = next ? next.getDefiningOp() : nullptr;
  }
  return mask && !cells.isParameter(v) && isChoice(v, mask) ? mask : Value();
}

bool AffineForms::isChoice(Value v, Value mask, int depth) {
  if (cells.isParameter(v)) return true;
  Operation* op = v.getDefiningOp();
  if (!op || depth == 0) return false;
  if (auto select = mlir::dyn_cast<SelectOp>(op)) return sameComputation(select.getPred(), mask) && cells.isParameter(select.getA()) && cells.isParameter(select.getB());
  const bool plain = mlir::isa<BinaryOp>(op) || (mlir::isa<UnaryOp>(op) && mlir::cast<UnaryOp>(op).getKind() != UnaryKind::stop_gradient);
  return plain && llvm::all_of(op->getOperands(), [&](Value x) { return isChoice(x, mask, depth - 1); });
}

/// Its value where the data are true, or false. Cells without any such data take the other, so that what is not chosen,
/// the logarithm of zero for one, has no part in the sum and in its derivative.
Value AffineForms::chosen(Value v, Value any, Value mask, bool which) {
  if (cells.isParameter(v)) return cells.wide(cells.parameter(v, b), b);
  Operation* op = v.getDefiningOp();
  if (auto select = mlir::dyn_cast<SelectOp>(op)) {
    Value x = cells.wide(cells.parameter(select.getA(), b), b), y = cells.wide(cells.parameter(select.getB(), b), b);
    return which ? b.select(any, x, y) : b.select(any, y, x);
  }
  llvm::SmallVector<Value> operands;
  for (Value x : op->getOperands()) operands.push_back(chosen(x, any, mask, which));
  return b.one(op->getName().stripDialect(), operands, op->getAttrs());
}

/// m t + (1 - m) f with m one where the data are true.
std::optional<Affine> AffineForms::choice(Value v, Value mask) {
  Builder p = before();
  Value ones = p.convert(invariants.before(mask), elementType(v)), zeros = p.sub(p.like(ones, 1), ones);
  auto any = [&](Value x) {
    Value count = cells.sums(x, p);
    return p.compare(CompareKind::gt, count, p.like(count, 0));
  };
  Value whenTrue = chosen(v, any(ones), mask, true), whenFalse = chosen(v, any(zeros), mask, false);
  return sum(BinaryKind::add, dataTimes(ones, whenTrue), dataTimes(zeros, whenFalse));
}

}  // namespace nuthatch::passes
