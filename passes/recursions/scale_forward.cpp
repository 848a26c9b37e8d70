#include "passes/recursions/scale_forward.h"

#include <mlir/Dialect/Func/IR/FuncOps.h>
#include <mlir/IR/IRMapping.h>

#include "ir/ops/builder.h"
#include "passes/recursions/match.h"

namespace nuthatch::passes {

using namespace ir;
using llvm::SmallVector;
using mlir::Block;
using mlir::Operation;
using mlir::Value;

namespace {

constexpr int64_t kFewestSteps = 8;
constexpr int64_t kMostStates = 64;   // one chain of multiply-adds for each
constexpr double kSmallest = 1e-140;  // products of two are far from underflow

/// One loop a' = logsumexp(a + T) + e.
struct Recursion {
  ForOp loop;
  Value carry;
  int64_t states = 0, summed = 0;    // which dimension of T the old states are
  SmallVector<Value> transition;     // T as a sum, inside the loop
  SmallVector<Value> emission;       // e as a sum, inside the loop
};

class Matcher {
 public:
  explicit Matcher(ForOp loop) : loop(loop), body(loop.getBody().front()) {}

  std::optional<Recursion> match() {
    if (loop.getNumCarries() != 1 || int64_t(loop.getTrip()) < kFewestSteps) return std::nullopt;
    Recursion r{loop, body.getArgument(1)};
    auto type = tensorType(r.carry);
    if (!type.getElementType().isF64() || type.getRank() != 1 || type.getDimSize(0) < 2 || type.getDimSize(0) > kMostStates)
      return std::nullopt;
    r.states = type.getDimSize(0);
    for (auto result : loop.getResults().drop_front())
      if (!result.use_empty()) return std::nullopt;
    findDependent(r.carry);

    Value sum;
    if (!terms(body.getTerminator()->getOperand(0), r.emission, sum)) return std::nullopt;
    auto inner = matchLogSumExp(sum);
    if (!inner || inner->dims.size() != 1) return std::nullopt;
    r.summed = inner->dims[0];
    if (shapeOf(inner->x) != llvm::ArrayRef<int64_t>{r.states, r.states}) return std::nullopt;
    Value old;
    if (!terms(inner->x, r.transition, old) || r.transition.empty()) return std::nullopt;
    if (auto dim = dimensionOf(old, r.carry); !dim || *dim != r.summed) return std::nullopt;
    for (Value t : r.transition)
      if (!fromOutside(t)) return std::nullopt;
    return r;
  }

 private:
  void findDependent(Value carry) {
    dependent.insert(carry);
    for (Operation& op : body) {
      bool depends = false;
      op.walk([&](Operation* inner) {
        for (Value v : inner->getOperands()) depends |= dependent.contains(v);
      });
      if (depends)
        for (Value v : op.getResults()) dependent.insert(v);
    }
  }

  /// v as a sum with exactly one term that depends on the carry.
  bool terms(Value v, SmallVector<Value>& independent, Value& one) {
    if (!dependent.contains(v)) {
      independent.push_back(v);
      return true;
    }
    auto sum = v.getDefiningOp<BinaryOp>();
    const bool splits = sum && sum.getKind() == BinaryKind::add &&
                        dependent.contains(sum.getA()) != dependent.contains(sum.getB());
    if (splits) return terms(sum.getA(), independent, one) && terms(sum.getB(), independent, one);
    if (one) return false;
    one = v;
    return true;
  }

  /// The dimension of v along which its elements are those of the carry, in order; nowhere else do they vary.
  static std::optional<int64_t> dimensionOf(Value v, Value carry) {
    if (v == carry) return 0;
    if (auto broadcast = v.getDefiningOp<BroadcastOp>()) {
      auto inner = dimensionOf(broadcast.getX(), carry);
      return inner ? std::optional(broadcast.getDims()[size_t(*inner)]) : std::nullopt;
    }
    auto reshape = v.getDefiningOp<ReshapeOp>();
    if (!reshape || !dimensionOf(reshape.getX(), carry)) return std::nullopt;
    std::optional<int64_t> found;
    for (auto [k, extent] : llvm::enumerate(shapeOf(v)))
      if (extent != 1) {
        if (found) return std::nullopt;
        found = int64_t(k);
      }
    return found;
  }

  bool fromOutside(Value v) {
    if (!loop->isAncestor(v.getParentBlock()->getParentOp())) return true;
    auto* op = v.getDefiningOp();
    return op && op->getBlock() == &body && op->getNumRegions() == 0 && mlir::isMemoryEffectFree(op) &&
           llvm::all_of(op->getOperands(), [&](Value o) { return fromOutside(o); });
  }

  ForOp loop;
  Block& body;
  llvm::DenseSet<Value> dependent;
};

class Scaling {
 public:
  explicit Scaling(Recursion recursion)
      : r(std::move(recursion)), at(r.loop), b(at, r.loop.getLoc()), steps(int64_t(r.loop.getTrip())) {}

  void run() {
    Value initial = shiftOf(r.loop.getInputs()[0], {0});
    Value start = b.exp(b.sub(r.loop.getInputs()[0], b.spread(initial, {r.states})));
    Value logTransition = transition(), most = shiftOf(logTransition, {0, 1});
    Value product = b.exp(b.sub(logTransition, b.spread(most, {r.states, r.states})));

    // The emissions that are a stacked input of the loop are exponentiated all at once.
    SmallVector<Value> inputs(r.loop.getInputs());
    inputs[0] = start;
    Value shifts;
    auto stacked = r.emission.size() == 1 ? mlir::dyn_cast<mlir::BlockArgument>(r.emission[0]) : mlir::BlockArgument();
    const bool outside = stacked && stacked.getOwner() == &r.loop.getBody().front() && stacked.getArgNumber() >= 2;
    if (outside) {
      Value& e = inputs[stacked.getArgNumber() - 1];
      shifts = shiftOf(e, {1});
      e = b.exp(b.sub(e, b.broadcast(shifts, shapeOf(e), {0})));
    }
    auto loop = scaledLoop(inputs, product, outside);
    Value scales = loop.getResult(1), least = loop.getResult(2);
    if (!outside) shifts = loop.getResult(3);

    Value total = b.add(b.total(b.log(b.select(isLarge(scales), scales, b.like(scales, 1)))), b.total(shifts));
    total = b.add(b.add(total, initial), b.mul(most, b.like(most, double(steps))));
    Value sound = b.binary(BinaryKind::and_, all(isLarge(scales)), all(isLarge(least)));
    choose(b.binary(BinaryKind::and_, sound, all(isLarge(loop.getResult(0)))), loop.getResult(0), total);
  }

 private:
  /// A constant that keeps exponentials below one; its derivative is of no account, since it is added again.
  Value shiftOf(Value x, llvm::ArrayRef<int64_t> dims) {
    Value most = b.unary(UnaryKind::stop_gradient, b.reduce(ReduceKind::max, x, dims));
    return b.select(b.unary(UnaryKind::is_finite, most), most, b.like(most, 0));
  }
  Value isLarge(Value x) { return b.compare(CompareKind::ge, x, b.like(x, kSmallest)); }
  Value all(Value x) { return b.reduce(ReduceKind::all, x, {0}); }

  /// The terms of T, with what they are made of inside the loop computed before it.
  Value transition() {
    mlir::IRMapping outside;
    auto copied = [&](auto& self, Value v) -> Value {
      if (!r.loop->isAncestor(v.getParentBlock()->getParentOp())) return v;
      if (Value known = outside.lookupOrNull(v)) return known;
      for (Value o : v.getDefiningOp()->getOperands()) outside.map(o, self(self, o));
      at.clone(*v.getDefiningOp(), outside);
      return outside.lookup(v);
    };
    Value sum;
    for (Value t : r.transition) sum = sum ? b.add(sum, copied(copied, t)) : copied(copied, t);
    return sum;
  }

  /// Results: the last probabilities, the scales, the least probability each step began with, and the shifts of e.
  ForOp scaledLoop(llvm::ArrayRef<Value> inputs, Value product, bool outside) {
    Block& old = r.loop.getBody().front();
    auto vector = mlir::cast<mlir::RankedTensorType>(r.carry.getType());
    auto stack = mlir::RankedTensorType::get({steps}, vector.getElementType());
    SmallVector<mlir::Type> types = {vector, stack, stack};
    if (!outside) types.push_back(stack);
    auto loop = ForOp::create(at, r.loop.getLoc(), types, r.loop.getTripAttr(), r.loop.getNumCarriesAttr(),
                              r.loop.getReverseAttr(), inputs);
    mlir::OpBuilder::InsertionGuard guard(at);
    Block* body = at.createBlock(&loop.getBody());
    mlir::IRMapping map;
    for (auto argument : old.getArguments()) map.map(argument, body->addArgument(argument.getType(), argument.getLoc()));
    Value p = body->getArgument(1);
    Value s = b.dot(p, product, {}, {}, {0}, {r.summed});
    SmallVector<Value> results;
    Value e;
    if (outside) {
      e = map.lookup(r.emission[0]);
    } else {
      copyIndependent(old, map);
      for (Value term : r.emission) e = e ? b.add(e, map.lookupOrDefault(term)) : map.lookupOrDefault(term);
      if (!e) e = b.like(p, 0);
      Value shift = shiftOf(e, {0});
      e = b.exp(b.sub(e, b.spread(shift, {r.states})));
      results.push_back(shift);
    }
    Value u = b.mul(s, e);
    // Any constant would do: its logarithm is added again.
    Value z = b.unary(UnaryKind::stop_gradient, b.sum(u, {0}));
    Value inverse = b.div(b.like(z, 1), b.select(isLarge(z), z, b.like(z, 1)));
    Value least = b.unary(UnaryKind::stop_gradient, b.reduce(ReduceKind::min, p, {0}));
    results.insert(results.begin(), {b.mul(u, b.spread(inverse, {r.states})), z, least});
    YieldOp::create(at, r.loop.getLoc(), results);
    return loop;
  }

  /// What the emissions are made of.
  void copyIndependent(Block& old, mlir::IRMapping& map) {
    llvm::SetVector<Operation*> needed;
    auto visit = [&](auto& self, Value v) -> void {
      auto* op = v.getDefiningOp();
      while (op && op->getBlock() != &old && r.loop->isProperAncestor(op)) op = op->getParentOp();
      if (!op || op->getBlock() != &old || needed.contains(op)) return;
      op->walk([&](Operation* inner) {
        for (Value o : inner->getOperands()) self(self, o);
      });
      needed.insert(op);
    };
    for (Value term : r.emission) visit(visit, term);
    for (Operation& op : old)
      if (needed.contains(&op)) at.clone(op, map);
  }

  /// The loop as it was, where the scaled one was not sound.
  void choose(Value sound, Value probabilities, Value total) {
    Value index = b.convert(sound, at.getI64Type());
    auto choice = CaseOp::create(at, r.loop.getLoc(), mlir::TypeRange(r.carry.getType()), index, 2);
    r.loop.getResult(0).replaceAllUsesWith(choice.getResult(0));
    Block* logarithms = at.createBlock(&choice.getBranches()[0]);
    r.loop->moveBefore(logarithms, logarithms->end());
    at.setInsertionPointToEnd(logarithms);
    YieldOp::create(at, r.loop.getLoc(), mlir::ValueRange(r.loop.getResult(0)));
    at.setInsertionPointToEnd(at.createBlock(&choice.getBranches()[1]));
    YieldOp::create(at, r.loop.getLoc(), mlir::ValueRange(b.add(b.log(probabilities), b.spread(total, {r.states}))));
  }

  Recursion r;
  mlir::OpBuilder at;
  Builder b;
  int64_t steps;
};

}  // namespace

void scaleForwardRecursions(mlir::ModuleOp module) {
  SmallVector<ForOp> loops;
  module.walk([&](ForOp loop) { loops.push_back(loop); });
  for (ForOp loop : loops)
    if (auto recursion = Matcher(loop).match()) Scaling(*recursion).run();
}

}  // namespace nuthatch::passes
