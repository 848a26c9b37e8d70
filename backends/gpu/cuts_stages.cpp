#include "backends/gpu/cuts_stages.h"

#include <algorithm>
#include <limits>

#include "backends/gpu/cuts_library.h"

namespace nuthatch::gpu {

using mlir::Operation;
using mlir::Value;

llvm::SmallVector<Value> inputsOf(Operation* op) {
  llvm::SmallVector<Value> out(op->getOperands());
  if (op->getNumRegions() == 0) return out;
  llvm::DenseSet<Value> seen;
  op->walk([&](Operation* inner) {
    for (Value v : inner->getOperands())
      if (!op->isAncestor(v.getParentBlock()->getParentOp()) && seen.insert(v).second) out.push_back(v);
  });
  return out;
}

bool isCheap(Operation* op) {
  using U = ir::UnaryKind;
  using B = ir::BinaryKind;
  if (auto unary = mlir::dyn_cast<ir::UnaryOp>(op))
    return llvm::is_contained({U::neg, U::abs, U::sign, U::floor, U::ceil, U::round, U::is_finite, U::logical_not, U::stop_gradient}, unary.getKind());
  if (auto binary = mlir::dyn_cast<ir::BinaryOp>(op))
    return llvm::is_contained({B::add, B::sub, B::mul, B::max, B::min, B::and_, B::or_, B::xor_, B::shl, B::shr}, binary.getKind());
  return mlir::isa<ir::CompareOp, ir::SelectOp, ir::FmaOp, ir::ConvertOp, ir::BitcastOp, ir::ConstantOp, ir::IotaOp, ir::BroadcastOp,
                   ir::ReshapeOp, ir::TransposeOp, ir::SliceOp, ir::ReverseOp, ir::PadOp, ir::DynamicSliceOp>(op);
}

static bool isConstant(Value v, int depth) {
  auto* op = v.getDefiningOp();
  return op && depth > 0 && isCheap(op) && llvm::all_of(op->getOperands(), [&](Value x) { return isConstant(x, depth - 1); });
}
bool isConstant(Value v) { return isConstant(v, 6); }

Stages::Stages(mlir::Block& b, const passes::LaneVariance& v, const CutOptions& o) : block(b), variance(v) {
  for (Operation& op : block.without_terminator()) {
    if (isLibraryOperation(&op, variance, o) || isCutLoop(&op, variance, o)) boundary.insert(&op);
    place(&op);
  }
  findLatest(block);
}

bool Stages::varies(Operation* op) const {
  if (mlir::isa<ir::EmitOp, ir::ReportOp>(op)) return true;
  return variance.anyVaries(op->getResults()) || llvm::any_of(inputsOf(op), [&](Value v) { return variance.varies(v); });
}

int Stages::ready(Value v) const {
  auto* op = v.getDefiningOp();
  if (!op || op->getBlock() != &block) return 0;
  return of(op) + int(isBoundary(op));
}

void Stages::place(Operation* op) {
  int t = 0;
  for (Value v : inputsOf(op)) t = std::max(t, ready(v));
  if (!isBoundary(op)) {
    t = up(t, varies(op));
  } else if (op->getNumRegions() > 0) {
    // The first values of a loop's carries are stored by a kernel.
    const unsigned carried = mlir::isa<ir::ForOp>(op) ? unsigned(mlir::cast<ir::ForOp>(op).getNumCarries()) : op->getNumOperands();
    for (unsigned k = 0; k < carried; ++k) t = std::max(t, up(ready(op->getOperand(k)), variance.varies(op->getResult(k))));
  }
  stage[op] = t;
  highest = std::max(highest, t);
}

void Stages::findLatest(mlir::Block& b) {
  constexpr int kNever = std::numeric_limits<int>::max();
  for (Operation& op : llvm::reverse(b.without_terminator())) {
    int t = kNever;
    for (Operation* user : op.getUsers()) {
      auto* here = b.findAncestorOpInBlock(*user);
      if (here != b.getTerminator()) t = std::min(t, isBoundary(here) ? of(here) : latest.lookup(here));
    }
    latest[&op] = std::max(t, of(&op));
  }
}

}  // namespace nuthatch::gpu
