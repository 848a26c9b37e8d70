// Programs in the reference interpreter: as the operations they stand for.
#include "ir/interpreter/interpreter.h"
#include "ir/trace/program.h"
#include "nuthatch/detail/executor.h"
#include "nuthatch/detail/report.h"
#include "nuthatch/error.h"
#include "passes/pipeline.h"

namespace nuthatch::detail {

std::vector<Array> interpret(const Program& program, const std::vector<Array>& arguments) {
  const auto& source = ir::traced(program);
  mlir::OwningOpRef<mlir::ModuleOp> module(source.module->clone());
  std::string message;
  mlir::ScopedDiagnosticHandler handler(source.context.get(), [&](mlir::Diagnostic& d) {
    if (message.empty()) message = ir::describe(d.getLocation()) + ": " + d.str();
    return mlir::success();
  });
  if (mlir::failed(passes::toPlainOperations(*module))) throw Error(message);
  std::vector<Array> all = arguments;
  all.insert(all.end(), program.captures.begin(), program.captures.end());
  RunReports reports(false);
  auto results = ir::interpretFunction(*module->getOps<mlir::func::FuncOp>().begin(), all);
  reports.finish();
  return results;
}

}  // namespace nuthatch::detail
