#include "passes/inverses/cancel_inverses.h"

#include <functional>

#include "passes/simplify/patterns.h"

namespace nuthatch::passes {

using namespace ir;
using mlir::Operation;
using mlir::Value;

namespace {

bool renamesElements(Operation* op) { return mlir::isa<BroadcastOp, ReshapeOp, TransposeOp, SliceOp, ReverseOp>(op); }

bool is(Value v, double number) {
  if (auto broadcast = v.getDefiningOp<BroadcastOp>()) v = broadcast.getX();
  return splatFloat(v) == number;
}

bool isLiteral(Value v) {
  if (auto broadcast = v.getDefiningOp<BroadcastOp>()) v = broadcast.getX();
  return v.getDefiningOp<ConstantOp>() != nullptr;
}

/// A rewrite of a function's argument, seen through operations that rename elements: these are then applied to what it
/// gives.
template <class Rewrite> Value throughNames(Value v, Builder& b, Rewrite&& rewrite) {
  Operation* op = v.getDefiningOp();
  if (!op) return {};
  if (!renamesElements(op)) return rewrite(op);
  Value x = throughNames(op->getOperand(0), b, rewrite);
  if (!x) return {};
  mlir::IRMapping operands;
  operands.map(op->getOperand(0), x);
  Operation* copy = b.b.clone(*op, operands);
  return copy->getResult(0);
}

/// Some elements of what the names in front of v rename are not in v.
bool leavesElementsOut(Value v) {
  for (Operation* op = v.getDefiningOp(); op && renamesElements(op); op = op->getOperand(0).getDefiningOp())
    if (mlir::isa<SliceOp>(op)) return true;
  return false;
}

/// x where v is kind(x).
Value argument(Value v, UnaryKind kind, Builder& b) {
  return throughNames(v, b, [&](Operation* op) {
    auto function = mlir::dyn_cast<UnaryOp>(op);
    return function && function.getKind() == kind ? Value(function.getX()) : Value();
  });
}

Value negated(Value v, Builder& b) {
  auto op = v.getDefiningOp<UnaryOp>();
  return op && op.getKind() == UnaryKind::neg ? Value(op.getX()) : b.neg(v);
}

/// u where log v is -softplus(u), for the probabilities logistic(x) and 1 - logistic(x), also where a condition chooses
/// between them.
Value oddsAgainst(Value v, Builder& b) {
  return throughNames(v, b, [&](Operation* op) -> Value {
    if (auto function = mlir::dyn_cast<UnaryOp>(op)) return function.getKind() == UnaryKind::logistic ? negated(function.getX(), b) : Value();
    if (auto rest = mlir::dyn_cast<BinaryOp>(op))
      return rest.getKind() == BinaryKind::sub && is(rest.getA(), 1) ? argument(rest.getB(), UnaryKind::logistic, b) : Value();
    auto choice = mlir::dyn_cast<SelectOp>(op);
    Value x = choice ? oddsAgainst(choice.getA(), b) : Value(), y = x ? oddsAgainst(choice.getB(), b) : Value();
    return y ? b.select(choice.getPred(), x, y) : Value();
  });
}

/// Puts 1 in the place of elements of which no logarithm was taken; null where it cannot tell which these are.
using Guard = std::function<Value(Value)>;

/// `log` of the branches of a choice. One may be `neutral`, whose logarithm is 0: xlogy takes that where there is nothing
/// to take a logarithm of. A logarithm that is new must not be taken there either: its derivative would be 0 / 0.
template <class Log> Value logOfChoice(SelectOp choice, double neutral, Builder& b, const Guard& outer, Log&& log) {
  if (is(choice.getA(), neutral) && is(choice.getB(), neutral)) return {};
  const Value p = choice.getPred();
  auto branch = [&](Value v, bool taken) {
    if (is(v, neutral)) return b.like(v, 0);
    return log(v, [&, taken](Value y) -> Value {
      if (shapeOf(y) != shapeOf(p)) return {};
      Value one = b.like(y, 1), safe = taken ? b.select(p, y, one) : b.select(p, one, y);
      return outer(safe);
    });
  };
  Value x = branch(choice.getA(), true), y = x ? branch(choice.getB(), false) : Value();
  return y ? b.select(p, x, y) : Value();
}

/// log v without the function that it undoes; null where it undoes none.
Value logarithm(Value v, Builder& b, const Guard& outer) {
  if (Value u = oddsAgainst(v, b)) return b.neg(b.unary(UnaryKind::softplus, u));
  const bool some = leavesElementsOut(v);
  const Guard guard = [&](Value y) { return some ? Value() : outer(y); };
  return throughNames(v, b, [&](Operation* op) -> Value {
    if (auto function = mlir::dyn_cast<UnaryOp>(op)) return function.getKind() == UnaryKind::exp ? Value(function.getX()) : Value();
    if (auto choice = mlir::dyn_cast<SelectOp>(op)) return logOfChoice(choice, 1, b, guard, [&](Value x, const Guard& g) { return logarithm(x, b, g); });
    auto product = mlir::dyn_cast<BinaryOp>(op);
    if (!product || product.getKind() != BinaryKind::mul || shapeOf(product.getResult()).empty()) return {};
    // Rates with exposures: log(n exp x) = log n + x. Of one number, or with a literal, little would be gained.
    Value x = product.getA(), y = product.getB(), log = argument(x, UnaryKind::exp, b);
    if (!log) std::swap(x, y), log = argument(x, UnaryKind::exp, b);
    if (!log || isLiteral(y)) return {};
    Value safe = guard(y);
    return safe ? b.add(b.log(safe), log) : Value();
  });
}

/// log(1 + v) for v = expm1 x and v = -logistic(x).
Value logarithm1p(Value v, Builder& b, const Guard& guard) {
  return throughNames(v, b, [&](Operation* op) -> Value {
    if (auto choice = mlir::dyn_cast<SelectOp>(op)) return logOfChoice(choice, 0, b, guard, [&](Value x, const Guard& g) { return logarithm1p(x, b, g); });
    auto function = mlir::dyn_cast<UnaryOp>(op);
    if (!function) return {};
    if (function.getKind() == UnaryKind::expm1) return function.getX();
    Value x = function.getKind() == UnaryKind::neg ? argument(function.getX(), UnaryKind::logistic, b) : Value();
    return x ? b.neg(b.unary(UnaryKind::softplus, x)) : Value();
  });
}

Value undone(UnaryOp op, Builder& b) {
  const Guard everywhere = [](Value y) { return y; };
  switch (op.getKind()) {
    case UnaryKind::log: return logarithm(op.getX(), b, everywhere);
    case UnaryKind::log1p: return logarithm1p(op.getX(), b, everywhere);
    case UnaryKind::log2: return argument(op.getX(), UnaryKind::exp2, b);
    default: return {};
  }
}

}  // namespace

void cancelInverses(mlir::ModuleOp module) {
  llvm::SmallVector<UnaryOp> found;
  module.walk([&](UnaryOp op) {
    if (op.getKind() == UnaryKind::log || op.getKind() == UnaryKind::log1p || op.getKind() == UnaryKind::log2) found.push_back(op);
  });
  for (auto op : found) {
    mlir::OpBuilder at(op);
    Builder b(at, op.getLoc());
    if (Value x = undone(op, b)) {
      op.getResult().replaceAllUsesWith(x);
      op.erase();
    }
  }
}

}  // namespace nuthatch::passes
