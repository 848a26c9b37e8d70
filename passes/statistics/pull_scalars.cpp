#include "passes/statistics/pull_scalars.h"

#include <limits>
#include <optional>

#include "ir/ops/builder.h"
#include "ir/trace/program.h"
#include "passes/advice/notes.h"
#include "passes/statistics/loop_invariants.h"

namespace nuthatch::passes {

using namespace ir;
using mlir::Operation;
using mlir::Value;

namespace {

/// scale * core; the scale is a scalar.
struct Scaled {
  Value scale, core;
  bool positive = false;  // the scale is, or is NaN
};

class ScalarPuller {
 public:
  ScalarPuller(LoopInvariants& invariants, Operation* op) : invariants(invariants), at(op), b(at, op->getLoc()) {}

  /// What the operation's result is as a multiple of something simpler; nothing when it stays.
  std::optional<Scaled> factor(Operation* op, const llvm::DenseMap<Value, Scaled>& found) {
    known = &found;
    if (auto o = mlir::dyn_cast<CholeskyOp>(op)) return cholesky(o);
    if (auto o = mlir::dyn_cast<TriangularSolveOp>(op)) return solve(o);
    if (auto o = mlir::dyn_cast<DotGeneralOp>(op)) return product(o);
    if (auto x = found.find(op->getOperand(0)); x != found.end() && mlir::isa<ReshapeOp>(op)) {
      Builder where = invariants.invariant(x->second.core) ? before() : b;
      return Scaled{x->second.scale, where.reshape(x->second.core, shapeOf(op->getResult(0))), x->second.positive};
    }
    return std::nullopt;
  }
  /// log(s c) = log s + log c, for the diagonal of a Cholesky factor.
  Value logarithm(UnaryOp op, const llvm::DenseMap<Value, Scaled>& found) {
    known = &found;
    auto x = scaled(op.getX());
    if (!x || !x->positive || !invariants.invariant(x->core)) return {};
    Value constant = before().log(invariants.before(x->core));
    return b.add(b.spread(b.log(x->scale), shapeOf(constant)), constant);
  }
  Value whole(const Scaled& x) { return b.mul(b.spread(x.scale, shapeOf(x.core)), x.core); }

 private:
  Builder before() { return {invariants.builder, b.loc}; }

  /// The scalar that was spread over an array.
  static Value scalarOf(Value v) {
    auto broadcast = v.getDefiningOp<BroadcastOp>();
    return broadcast && shapeOf(broadcast.getX()).empty() ? Value(broadcast.getX()) : Value();
  }

  /// v as a parameter times a constant; nothing where no scalar comes off.
  std::optional<Scaled> scaled(Value v) {
    if (auto done = known->find(v); done != known->end()) return done->second;
    Operation* op = v.getDefiningOp();
    if (!op || invariants.invariant(v)) return std::nullopt;
    if (mlir::isa<ReshapeOp, TransposeOp, SliceOp>(op)) {
      auto x = scaled(op->getOperand(0));
      if (!x || !invariants.invariant(x->core)) return std::nullopt;
      x->core = before().one(op->getName().stripDialect(), invariants.before(x->core), op->getAttrs());
      return x;
    }
    auto binary = mlir::dyn_cast<BinaryOp>(op);
    if (!binary || (binary.getKind() != BinaryKind::mul && binary.getKind() != BinaryKind::div)) return std::nullopt;
    Value x = binary.getA(), y = binary.getB();
    if (binary.getKind() == BinaryKind::mul && scalarOf(x)) std::swap(x, y);
    Value scale = scalarOf(y);
    if (!scale) return std::nullopt;
    auto inner = scaled(x);
    if (!inner && !invariants.invariant(x)) return std::nullopt;
    if (binary.getKind() == BinaryKind::div) scale = b.div(b.like(scale, 1), scale);
    return inner ? Scaled{b.mul(inner->scale, scale), inner->core} : Scaled{scale, x};
  }

  /// The same where the constant is known in front of the loop.
  std::optional<Scaled> constant(Value v) {
    auto x = scaled(v);
    if (!x || !invariants.invariant(x->core)) return std::nullopt;
    x->core = invariants.before(x->core);
    return x;
  }

  std::optional<Scaled> cholesky(CholeskyOp op) {
    auto x = constant(op.getX());
    if (!x || shapeOf(x->core).size() != 2) return std::nullopt;
    // A matrix that is not positive definite has a factor of NaN.
    Value s = x->scale, nan = b.like(s, std::numeric_limits<double>::quiet_NaN());
    Value root = b.select(b.compare(CompareKind::gt, s, b.like(s, 0)), b.unary(UnaryKind::sqrt, s), nan);
    return Scaled{root, before().one("cholesky", x->core), true};
  }

  std::optional<Scaled> solve(TriangularSolveOp op) {
    auto a = constant(op.getA()), y = constant(op.getB());
    const bool known = invariants.invariant(op.getA()) || a;
    if ((!a && !y) || !known || op.getUnitDiagonal()) return std::nullopt;
    Value matrix = a ? a->core : invariants.before(op.getA());
    Value scale = a ? b.div(y ? y->scale : b.like(a->scale, 1), a->scale) : y->scale;
    const bool all = y || invariants.invariant(op.getB());
    Value right = y ? y->core : all ? invariants.before(op.getB()) : Value(op.getB());
    Builder where = all ? before() : b;
    return Scaled{scale, where.one("triangular_solve", {matrix, right}, op->getAttrs())};
  }

  std::optional<Scaled> product(DotGeneralOp op) {
    auto x = constant(op.getLhs()), y = constant(op.getRhs());
    if (!x && !y) return std::nullopt;
    auto core = [&](std::optional<Scaled>& s, Value v) { return s ? s->core : v; };
    Value lhs = core(x, op.getLhs()), rhs = core(y, op.getRhs());
    const bool all = invariants.invariant(lhs) && invariants.invariant(rhs);
    if (all) lhs = invariants.before(lhs), rhs = invariants.before(rhs);
    Builder where = all ? before() : b;
    return Scaled{x && y ? b.mul(x->scale, y->scale) : x ? x->scale : y->scale, where.one("dot_general", {lhs, rhs}, op->getAttrs())};
  }

  LoopInvariants& invariants;
  mlir::OpBuilder at;
  Builder b;  // at the operation
  const llvm::DenseMap<Value, Scaled>* known = nullptr;
};

/// Data of a loop that is itself differentiated: their factorisations are left where they are.
bool differentiated(Operation* loop) {
  return loop->getParentOfType<VjpOp>() || loop->getParentOfType<JvpOp>() || loop->getParentOfType<CustomDerivativeOp>();
}

bool hasMatrixWork(Operation* loop) {
  return loop->walk([](Operation* op) {
    return mlir::isa<CholeskyOp, TriangularSolveOp, DotGeneralOp>(op) ? mlir::WalkResult::interrupt() : mlir::WalkResult::advance();
  }).wasInterrupted();
}

void pullIn(Operation* loop) {
  LoopInvariants invariants(loop);
  llvm::SmallVector<Operation*> ops;
  loop->walk<mlir::WalkOrder::PreOrder>([&](Operation* op) {
    if (mlir::isa<CholeskyOp, TriangularSolveOp, DotGeneralOp, ReshapeOp, UnaryOp>(op)) ops.push_back(op);
  });
  llvm::DenseMap<Value, Scaled> found;
  for (Operation* op : ops) {
    if (invariants.invariant(op->getResult(0))) continue;
    ScalarPuller puller(invariants, op);
    if (auto unary = mlir::dyn_cast<UnaryOp>(op)) {
      Value log = unary.getKind() == UnaryKind::log ? puller.logarithm(unary, found) : Value();
      if (log) op->getResult(0).replaceAllUsesWith(log);
      continue;
    }
    auto scaled = puller.factor(op, found);
    if (!scaled) continue;
    if (Notes::wanted() && !mlir::isa<ReshapeOp>(op))
      Notes::add(op->getName().stripDialect().str() + " at " + ir::describe(op->getLoc()) +
                 ": of a constant matrix, its scalar factor apart, before the loop at " + ir::describe(loop->getLoc()));
    Value whole = puller.whole(*scaled);
    op->getResult(0).replaceAllUsesWith(whole);
    found[whole] = *scaled;
  }
}

}  // namespace

void pullScalars(mlir::ModuleOp module) {
  llvm::SmallVector<Operation*> loops;
  module.walk<mlir::WalkOrder::PreOrder>([&](Operation* op) {
    auto counted = mlir::dyn_cast<ForOp>(op);
    if ((mlir::isa<WhileOp>(op) || (counted && int64_t(counted.getTrip()) >= 16)) && hasMatrixWork(op) && !differentiated(op)) loops.push_back(op);
  });
  for (Operation* loop : loops) pullIn(loop);
}

}  // namespace nuthatch::passes
