#include "tools/nh-fuzz/reduce.h"

#include <mlir/IR/Verifier.h>
#include <mlir/Parser/Parser.h>

#include "ir/ops/builder.h"
#include "ir/trace/program.h"
#include "nuthatch/error.h"
#include "passes/simplify/control.h"
#include "passes/simplify/simplify.h"
#include "passes/transform/expand.h"

namespace nuthatch::fuzz {

using mlir::Operation;
using Module = mlir::OwningOpRef<mlir::ModuleOp>;

namespace {

mlir::func::FuncOp mainOf(mlir::ModuleOp module) { return *module.getOps<mlir::func::FuncOp>().begin(); }

/// Operations with results, last first; those inside an operation come before it.
std::vector<Operation*> operations(mlir::ModuleOp module) {
  std::vector<Operation*> out;
  mainOf(module).walk([&](Operation* op) {
    if (op->getNumResults() > 0) out.push_back(op);
  });
  return {out.rbegin(), out.rend()};
}

void setResults(mlir::func::FuncOp main, llvm::ArrayRef<mlir::Value> results) {
  main.getBody().front().getTerminator()->setOperands(results);
  llvm::SmallVector<mlir::Type> types;
  for (auto r : results) types.push_back(r.getType());
  main.setFunctionType(mlir::FunctionType::get(main.getContext(), main.getArgumentTypes(), types));
}

// Each edit returns false when there is no such place.

bool keepResult(mlir::ModuleOp module, size_t k) {
  auto main = mainOf(module);
  auto* end = main.getBody().front().getTerminator();
  if (end->getNumOperands() < 2 || k >= end->getNumOperands()) return false;
  setResults(main, {end->getOperand(unsigned(k))});
  return true;
}

bool dropResult(mlir::ModuleOp module, size_t k) {
  auto main = mainOf(module);
  llvm::SmallVector<mlir::Value> results(main.getBody().front().getTerminator()->getOperands());
  if (results.size() < 2 || k >= results.size()) return false;
  results.erase(results.begin() + k);
  setResults(main, results);
  return true;
}

/// An argument of one of the operation's regions, or of the function, of the type wanted.
bool replaceBy(Operation* op, llvm::function_ref<mlir::Value(mlir::OpResult)> replacement) {
  llvm::SmallVector<mlir::Value> values;
  for (auto r : op->getResults()) {
    values.push_back(replacement(r));
    if (!values.back()) return false;
  }
  op->replaceAllUsesWith(values);
  op->erase();
  return true;
}

bool byOperand(mlir::ModuleOp module, size_t k) {
  auto ops = operations(module);
  if (k >= ops.size()) return false;
  return replaceBy(ops[k], [&](mlir::OpResult r) -> mlir::Value {
    for (auto operand : ops[k]->getOperands())
      if (operand.getType() == r.getType()) return operand;
    return {};
  });
}

bool byZero(mlir::ModuleOp module, size_t k) {
  auto ops = operations(module);
  if (k >= ops.size() || mlir::isa<ir::ConstantOp>(ops[k])) return false;
  mlir::OpBuilder at(ops[k]);
  return replaceBy(ops[k], [&](mlir::OpResult r) { return ir::Builder(at, ops[k]->getLoc()).zeros(r.getType()); });
}

bool byArgument(mlir::ModuleOp module, size_t k) {
  auto ops = operations(module);
  if (k >= ops.size() || mlir::isa<ir::ConstantOp>(ops[k])) return false;
  auto main = mainOf(module);
  replaceBy(ops[k], [&](mlir::OpResult r) -> mlir::Value { return main.getBody().front().addArgument(r.getType(), r.getLoc()); });
  setResults(main, llvm::SmallVector<mlir::Value>(main.getBody().front().getTerminator()->getOperands()));
  main.setFunctionType(mlir::FunctionType::get(main.getContext(), main.getBody().getArgumentTypes(), main.getResultTypes()));
  return true;
}

/// A case becomes one of its branches.
bool branch(mlir::ModuleOp module, size_t k) {
  for (auto* op : operations(module)) {
    auto choice = mlir::dyn_cast<ir::CaseOp>(op);
    if (!choice) continue;
    if (k >= choice.getBranches().size()) {
      k -= choice.getBranches().size();
      continue;
    }
    auto& body = choice.getBranches()[k].front();
    llvm::SmallVector<mlir::Value> results(body.getTerminator()->getOperands());
    body.getTerminator()->erase();
    op->getBlock()->getOperations().splice(op->getIterator(), body.getOperations());
    op->replaceAllUsesWith(results);
    op->erase();
    return true;
  }
  return false;
}

bool dropArgument(mlir::ModuleOp module, size_t k) {
  auto main = mainOf(module);
  auto& block = main.getBody().front();
  if (k >= block.getNumArguments() || !block.getArgument(unsigned(k)).use_empty()) return false;
  block.eraseArgument(unsigned(k));
  main.setFunctionType(mlir::FunctionType::get(main.getContext(), main.getBody().getArgumentTypes(), main.getResultTypes()));
  return true;
}

bool whole(mlir::ModuleOp module, size_t k) {
  switch (k) {
    case 0: return passes::eraseDeadOps(module.getBodyRegion());
    case 1: return passes::removeDeadCode(module), true;
    case 2: return mlir::succeeded(passes::expandTransforms(module));
    case 3: return passes::simplify(module), true;
    default: return false;
  }
}

using Edit = bool (*)(mlir::ModuleOp, size_t);
struct Kind { Edit edit; size_t places; };

size_t countOf(const std::string& text) { return size_t(std::count(text.begin(), text.end(), '\n')); }

}  // namespace

std::string reduce(const std::string& text, const std::function<bool(const std::string&)>& fails, int attempts) {
  auto context = ir::makeContext();
  mlir::ScopedDiagnosticHandler quiet(context.get(), [](mlir::Diagnostic&) { return mlir::success(); });
  std::string best = text;
  /// Whether the edit gives a smaller program that still fails.
  auto attempt = [&](Edit edit, size_t k, bool& there) {
    auto module = mlir::parseSourceString<mlir::ModuleOp>(best, context.get());
    try {
      there = module && edit(*module, k);
    } catch (const Error&) {  // expansion may be what fails
      return false;
    }
    if (!there || mlir::failed(mlir::verify(*module))) return false;
    passes::eraseDeadOps(module->getBodyRegion());
    std::string next;
    llvm::raw_string_ostream(next) << *module;
    if (next == best || countOf(next) > countOf(best) || --attempts < 0 || !fails(next)) return false;
    best = next;
    return true;
  };
  const Kind kinds[] = {{keepResult, 1000}, {dropResult, 1000}, {whole, 4}, {branch, 1000}, {byOperand, 100000}, {byZero, 100000}, {byArgument, 100000}, {dropArgument, 1000}};
  for (bool smaller = true; smaller && attempts > 0;) {
    const std::string before = best;
    for (const auto& kind : kinds)
      for (size_t k = 0; k < kind.places && attempts > 0;) {
        bool there = false;
        if (attempt(kind.edit, k, there)) continue;  // the next place has this number now
        // Places of an edit by operation are numbered densely, and some are not fit.
        if (!there && k > countOf(best)) break;
        ++k;
      }
    smaller = best != before && countOf(best) < countOf(before);
  }
  return best;
}

}  // namespace nuthatch::fuzz
