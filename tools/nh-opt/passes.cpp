#include "tools/nh-opt/passes.h"

#include "passes/form_fma/form_fma.h"
#include "passes/inverses/cancel_inverses.h"
#include "passes/loops/lane_masking.h"
#include "passes/loops/raise_xs.h"
#include "passes/recursions/scale_forward.h"
#include "passes/simplify/simplify.h"
#include "passes/statistics/pull_scalars.h"
#include "passes/statistics/sufficient_statistics.h"
#include "passes/transform/expand.h"

namespace nuthatch::opt {
namespace {

using mlir::LogicalResult;
using mlir::ModuleOp;

/// "101" to {true, false, true}; the letter a instead of 1 marks the argument that holds the active lanes.
LogicalResult maskLanes(ModuleOp module, const std::string& flags) {
  llvm::SmallVector<bool> varying;
  int active = -1;
  for (char c : flags) {
    if (c == 'a') active = int(varying.size());
    varying.push_back(c != '0');
  }
  for (auto function : module.getOps<mlir::func::FuncOp>())
    if (failed(passes::maskLanes(function, varying, active))) return mlir::failure();
  return mlir::success();
}

template <void (*pass)(ModuleOp)> LogicalResult always(ModuleOp module, const std::string&) {
  pass(module);
  return mlir::success();
}

const Pass table[] = {
    {"cancel-inverses", "log(exp x) and its like become x", always<passes::cancelInverses>},
    {"scale-forward", "forward recursions with logarithms become recursions of scaled probabilities",
     always<passes::scaleForwardRecursions>},
    {"pull-scalars", "factors that are scalars leave factorisations, solves and products of constant matrices",
     always<passes::pullScalars>},
    {"sufficient-statistics", "sums over data become polynomials in sums that a loop need not repeat",
     always<passes::useSufficientStatistics>},
    {"expand-transforms", "vjp, jvp and vmap replaced by what they stand for, innermost first",
     [](ModuleOp module, const std::string&) { return passes::expandTransforms(module); }},
    {"form-fma", "products that are only added become fused multiply-adds", always<passes::formFma>},
    {"simplify", "folding, exact algebra, common and dead operations, loop invariants", always<passes::simplify>},
    {"dce", "dead operations, carries, stacks and results", always<passes::removeDeadCode>},
    {"raise-xs", "reads of captured arrays at the loop counter become stacked inputs", always<passes::raiseToXs>},
    {"mask-lanes", "control flow uniform over lanes; =FLAGS has 1 (varying), 0 or a (active lanes) per argument", maskLanes},
};

}  // namespace

llvm::ArrayRef<Pass> passes() { return table; }

const Pass* find(const std::string& name) {
  for (const Pass& pass : table)
    if (pass.name == name) return &pass;
  return nullptr;
}

}  // namespace nuthatch::opt
