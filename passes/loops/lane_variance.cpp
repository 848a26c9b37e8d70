#include "passes/loops/lane_variance.h"

namespace nuthatch::passes {

using namespace ir;
using mlir::Block;
using mlir::Operation;
using mlir::Value;
using mlir::ValueRange;

LaneVariance::LaneVariance(Block& block, llvm::ArrayRef<bool> flags, const llvm::DenseSet<Value>& above) : varying(above) {
  for (auto [argument, flag] : llvm::zip(block.getArguments(), flags))
    if (flag) varying.insert(argument);
  while (visit(block)) {}
}

bool LaneVariance::anyVaries(ValueRange values) const {
  return llvm::any_of(values, [&](Value v) { return varies(v); });
}

static ValueRange yields(Block& block) { return block.getTerminator()->getOperands(); }


bool LaneVariance::visit(Block& block) {
  bool grew = false;
  for (Operation& op : block) grew |= visit(&op);
  return grew;
}

bool LaneVariance::visit(Operation* op) {
  if (mlir::isa<LaneAnyOp>(op)) return false;
  if (auto loop = mlir::dyn_cast<ForOp>(op)) return visitFor(loop);
  if (auto loop = mlir::dyn_cast<WhileOp>(op)) return visitWhile(loop);
  if (auto branch = mlir::dyn_cast<CaseOp>(op)) return visitCase(branch);
  if (auto custom = mlir::dyn_cast<CustomDerivativeOp>(op)) return visitCustomDerivative(custom);
  if (auto checkpoint = mlir::dyn_cast<CheckpointOp>(op)) return visitCheckpoint(checkpoint);
  bool grew = false;
  if (anyVaries(op->getOperands()))
    for (Value r : op->getResults()) grew |= markIf(r, true);
  return grew;
}

bool LaneVariance::visitFor(ForOp op) {
  Block& body = op.getBody().front();
  bool grew = false, again = true;
  while (again) {
    again = false;
    for (auto [input, argument] : llvm::zip(op.getInputs(), body.getArguments().drop_front()))
      again |= markIf(argument, varies(input));
    again |= visit(body);
    for (unsigned k = 0; k < op.getNumCarries(); ++k)
      again |= markIf(body.getArgument(k + 1), varies(yields(body)[k]));
    grew |= again;
  }
  for (auto [k, result] : llvm::enumerate(op.getResults())) {
    bool carry = k < op.getNumCarries();
    grew |= markIf(result, carry ? varies(body.getArgument(k + 1)) : varies(yields(body)[k]));
  }
  return grew;
}

bool LaneVariance::visitWhile(WhileOp op) {
  Block &cond = op.getCond().front(), &body = op.getBody().front();
  bool grew = false, again = true;
  while (again) {
    again = false;
    for (unsigned k = 0; k < op.getInits().size(); ++k) {
      Value argument = body.getArgument(k), next = yields(body)[k];
      // Lanes that have left the loop keep their carries while the others go on: what changes in it varies.
      bool frozen = varies(yields(cond)[0]) && next != argument;
      bool flag = varies(op.getInits()[k]) || varies(argument) || varies(next) || frozen;
      again |= markIf(argument, flag);
      again |= markIf(cond.getArgument(k), flag);
      again |= markIf(op.getResult(k), flag);
    }
    again |= visit(cond);
    again |= visit(body);
    grew |= again;
  }
  return grew;
}

bool LaneVariance::visitCase(CaseOp op) {
  bool grew = false;
  for (mlir::Region& branch : op.getBranches()) grew |= visit(branch.front());
  for (auto [k, result] : llvm::enumerate(op.getResults())) {
    bool flag = false, differ = false;
    Value first = yields(op.getBranches()[0].front())[k];
    for (mlir::Region& branch : op.getBranches()) {
      Value v = yields(branch.front())[k];
      flag |= varies(v);
      differ |= v != first;
    }
    grew |= markIf(result, flag || (varies(op.getIndex()) && differ));
  }
  return grew;
}

bool LaneVariance::visitCheckpoint(CheckpointOp op) {
  Block& body = op.getBody().front();
  bool grew = false;
  for (auto [input, argument] : llvm::zip(op.getInputs(), body.getArguments())) grew |= markIf(argument, varies(input));
  grew |= visit(body);
  for (auto [result, value] : llvm::zip(op.getResults(), yields(body))) grew |= markIf(result, varies(value));
  return grew;
}

// The rules are kept for a derivative taken later: a tangent varies with its primal, a cotangent with its result, and
// a result varies when any of the regions that compute it says so.
bool LaneVariance::visitCustomDerivative(CustomDerivativeOp op) {
  bool grew = false, again = true;
  bool jvp = int64_t(op.getNumResiduals()) < 0;
  size_t n = op.getInputs().size(), m = op.getResults().size();
  Block &primal = op.getRules()[0].front(), &second = op.getRules()[1].front();
  while (again) {
    again = false;
    for (size_t i = 0; i < n; ++i) {
      bool flag = varies(op.getInputs()[i]);
      again |= markIf(primal.getArgument(i), flag);
      again |= markIf(second.getArgument(i), flag);
      if (jvp) again |= markIf(second.getArgument(n + i), flag);
    }
    again |= visit(primal);
    again |= visit(second);
    for (size_t r = 0; r < m; ++r) {
      bool flag = varies(yields(primal)[r]) || varies(yields(second)[r]) || (jvp && varies(yields(second)[m + r]));
      again |= markIf(op.getResult(r), flag);
    }
    if (!jvp) {
      Block& backward = op.getRules()[2].front();
      size_t residuals = op.getNumResiduals();
      for (size_t r = 0; r < residuals; ++r) again |= markIf(backward.getArgument(r), varies(yields(second)[m + r]));
      for (size_t r = 0; r < m; ++r) again |= markIf(backward.getArgument(residuals + r), varies(op.getResult(r)));
      again |= visit(backward);
    }
    grew |= again;
  }
  return grew;
}

}  // namespace nuthatch::passes
