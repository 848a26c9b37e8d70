#include "passes/simplify/simplify.h"

#include <mlir/IR/Dominance.h>
#include <mlir/Transforms/CSE.h>
#include <mlir/Transforms/GreedyPatternRewriteDriver.h>

#include "passes/simplify/control.h"
#include "passes/simplify/patterns.h"

namespace nuthatch::passes {

using namespace ir;

static bool hasDerivatives(mlir::ModuleOp module) {
  return module.walk([](mlir::Operation* op) {
    return mlir::isa<VjpOp, JvpOp, CustomDerivativeOp, CheckpointOp>(op) ? mlir::WalkResult::interrupt() : mlir::WalkResult::advance();
  }).wasInterrupted();
}

static void rewrite(mlir::ModuleOp module, const mlir::FrozenRewritePatternSet& patterns) {
  mlir::GreedyRewriteConfig config;
  config.setRegionSimplificationLevel(mlir::GreedySimplifyRegionLevel::Disabled);
  (void)mlir::applyPatternsGreedily(module, patterns, config);
}

static bool mergeEqualOps(mlir::ModuleOp module) {
  mlir::IRRewriter rewriter(module.getContext());
  mlir::DominanceInfo dominance;
  bool changed = false;
  mlir::eliminateCommonSubExpressions(rewriter, dominance, module, &changed);
  return changed;
}

template <class... Ops> static llvm::SmallVector<mlir::Operation*> innermostFirst(mlir::ModuleOp module) {
  llvm::SmallVector<mlir::Operation*> found;
  module.walk<mlir::WalkOrder::PostOrder>([&](mlir::Operation* op) {
    if (mlir::isa<Ops...>(op)) found.push_back(op);
  });
  return found;
}

static bool simplifyControl(mlir::ModuleOp module) {
  bool changed = false;
  for (mlir::Operation* op : innermostFirst<ForOp, WhileOp, CaseOp>(module)) {
    if (auto loop = mlir::dyn_cast<ForOp>(op)) changed |= simplifyFor(loop);
    else if (auto loop = mlir::dyn_cast<WhileOp>(op)) changed |= simplifyWhile(loop);
    else changed |= simplifyCase(mlir::cast<CaseOp>(op));
  }
  return changed;
}

static bool hoist(mlir::ModuleOp module) {
  bool changed = false;
  for (mlir::Operation* op : innermostFirst<ForOp, WhileOp>(module)) changed |= hoistInvariants(op);
  return changed;
}

void simplify(mlir::ModuleOp module) {
  mlir::RewritePatternSet set(module.getContext());
  addFolding(set);
  addAlgebra(set);
  addBroadcasts(set);
  addShapes(set);
  addIndexing(set);
  if (!hasDerivatives(module)) addStopGradient(set);
  mlir::FrozenRewritePatternSet patterns(std::move(set));
  // Each round can open the way for the next; nests are rarely deeper than the bound.
  bool again = true;
  for (int round = 0; again && round < 8; ++round) {
    rewrite(module, patterns);
    again = mergeEqualOps(module);
    again |= simplifyControl(module);
    again |= hoist(module);
  }
  removeDeadCode(module);
}

void removeDeadCode(mlir::ModuleOp module) {
  do eraseDeadOps(module.getBodyRegion());
  while (simplifyControl(module));
}

}  // namespace nuthatch::passes
