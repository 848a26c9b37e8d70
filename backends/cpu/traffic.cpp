#include "backends/cpu/traffic.h"

namespace nuthatch::cpu {

using mlir::Operation;
using mlir::Value;

namespace {

/// Bytes of stored values that computing v touches, each place once.
class Reads {
 public:
  Reads(const Plan& plan, const llvm::DenseSet<Value>& own, Traffic& traffic) : plan(plan), own(own), traffic(traffic) {}

  void operandsOf(Operation* op) {
    for (Value o : op->getOperands()) visit(o, elements(o));
  }

 private:
  void visit(Value v, int64_t touched) {
    if (auto input = loopInput(v); input.loop) {
      if (!input.counter) visit(input.xs, std::min(touched, elements(v)));
      return;
    }
    auto* op = v.getDefiningOp();
    if (own.contains(v)) return;
    if (!op || plan.roots.contains(v)) {
      auto& most = traffic.reads[v];
      most = std::max(most, std::min(touched, elements(v)) * bytesOfElement(v));
      return;
    }
    if (mlir::isa<ir::BarrierOp>(op)) return visit(op->getOperand(0), touched);
    for (Value o : op->getOperands()) {
      const bool part = mlir::isa<ir::SliceOp, ir::DynamicSliceOp, ir::GatherOp>(op);
      visit(o, part ? std::min(touched, elements(o)) : elements(o));
    }
  }
  const Plan& plan;
  const llvm::DenseSet<Value>& own;
  Traffic& traffic;
};

}  // namespace

int64_t Traffic::read() const {
  int64_t sum = 0;
  for (const auto& [v, n] : reads) sum += n;
  return sum;
}

Traffic trafficOf(const Plan& plan, const Group& g) {
  Traffic out;
  llvm::DenseSet<Value> own;
  auto made = [&](Value v) {
    if (plan.stored.contains(v)) out.writes += elements(v) * bytesOfElement(v);
  };
  if (g.single)
    for (Value r : g.single->getResults()) made(r);
  g.visit([&](Operation* op) {
    own.insert(op->getResult(0));
    made(op->getResult(0));
  });
  Reads reads(plan, own, out);
  if (g.single) reads.operandsOf(g.single);
  g.visit([&](Operation* op) { reads.operandsOf(op); });
  return out;
}

}  // namespace nuthatch::cpu
