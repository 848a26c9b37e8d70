// Reverse mode of branches and of user-given rules.
#include "passes/autodiff/body.h"
#include "passes/autodiff/residuals.h"
#include "passes/autodiff/reverse.h"

namespace nuthatch::passes {
using namespace ir;
using mlir::Block;
using mlir::LogicalResult;
using mlir::Operation;
using mlir::Value;
using Values = llvm::SmallVector<Value>;

/// Each branch is computed again in the reverse branch and swept there, so that nothing of the branch that was not taken
/// is ever stored. Results are the cotangents of captured values, on top of what they had.
LogicalResult Reverse::visitCase(CaseOp branches, Cotangents& cotangents, mlir::OpBuilder& b) {
  Lean e(b, branches.getLoc());
  ValueSet useful;
  Values incoming;
  for (Value result : branches->getResults()) {
    incoming.push_back(cotangents.take(e, result));
    if (incoming.back()) useful.insert(result);
  }
  if (useful.empty()) return mlir::success();
  activity.backward(branches, useful);
  Values captured = activity.captured(branches).takeVector();
  llvm::erase_if(captured, [&](Value v) { return !useful.contains(v); });
  if (captured.empty()) return mlir::success();
  Values before;
  for (Value v : captured) before.push_back(cotangents.get(e, v));

  llvm::SmallVector<std::unique_ptr<mlir::Region>> regions;
  llvm::SmallVector<Values> sums;  // per branch, null where the branch adds nothing
  for (mlir::Region& branch : branches.getBranches()) {
    auto& region = regions.emplace_back(std::make_unique<mlir::Region>());
    Block& block = region->emplaceBlock();
    mlir::OpBuilder inner(b.getContext());
    inner.setInsertionPointToEnd(&block);
    Lean r(inner, branches.getLoc());
    InlinedBody again = cloneAgain(inner, branch, {});
    for (Operation* op : again.ops) activity.forward(op);
    Cotangents local;
    for (auto [v, sum] : llvm::zip(captured, before))
      if (sum) local.set(v, sum, true);
    for (auto [value, g] : llvm::zip(again.yields, incoming))
      if (g && activity.varied(value)) local.add(r, value, g);
    if (failed(sweep(again.ops, local, inner))) return mlir::failure();
    sums.emplace_back();
    for (Value v : captured) sums.back().push_back(local.get(r, v));
  }

  llvm::SmallVector<size_t> kept;
  llvm::SmallVector<mlir::Type> types;
  for (size_t k = 0; k < captured.size(); ++k)
    if (llvm::any_of(sums, [&](const Values& s) { return bool(s[k]); })) {
      kept.push_back(k);
      types.push_back(captured[k].getType());
    }
  for (auto [region, sum] : llvm::zip(regions, sums)) {
    mlir::OpBuilder inner(b.getContext());
    inner.setInsertionPointToEnd(&region->front());
    Lean r(inner, branches.getLoc());
    Values yields;
    for (size_t k : kept) yields.push_back(r.orZero(sum[k], captured[k]));
    YieldOp::create(inner, branches.getLoc(), yields);
    eraseDead(region->front(), &retired);
  }
  auto reverse = CaseOp::create(b, branches.getLoc(), types, branches.getIndex(), regions.size());
  for (auto [to, from] : llvm::zip(reverse.getBranches(), regions)) to.takeBody(*from);
  for (auto [n, k] : llvm::enumerate(kept)) cotangents.set(captured[k], reverse->getResult(n));
  return mlir::success();
}

LogicalResult Reverse::visitCustom(CustomDerivativeOp custom, Cotangents& cotangents, mlir::OpBuilder& b) {
  if (failed(checkCaptures(custom, activity))) return mlir::failure();
  Lean e(b, custom.getLoc());
  mlir::OpBuilder at(custom);
  unsigned outputs = custom->getNumResults();
  Values incoming;
  for (Value result : custom->getResults()) incoming.push_back(cotangents.take(e, result));
  if (llvm::none_of(incoming, [](Value g) { return bool(g); })) return mlir::success();
  Values inputs(custom.getInputs()), results, outgoing;
  if (int64_t(custom.getNumResiduals()) < 0) {
    auto transposed = transposeRule(at, b, custom.getRules()[1], inputs, inputs,
                                    [&](mlir::ValueRange) { return incoming; }, retired);
    if (failed(transposed)) return mlir::failure();
    results.assign(transposed->yields.begin(), transposed->yields.begin() + outputs);
    outgoing = transposed->cotangents;
  } else {
    InlinedBody forward = cloneBody(at, custom.getRules()[1], inputs);
    results.assign(forward.yields.begin(), forward.yields.begin() + outputs);
    Values arguments(forward.yields.begin() + outputs, forward.yields.end());
    for (auto [result, g] : llvm::zip(custom->getResults(), incoming)) arguments.push_back(e.orZero(g, result));
    outgoing = cloneBody(b, custom.getRules()[2], arguments).yields;
  }
  for (auto [v, g] : llvm::zip(inputs, outgoing))
    if (g && activity.varied(v)) cotangents.add(e, v, g);
  replace(custom, results);
  return mlir::success();
}

}  // namespace nuthatch::passes
