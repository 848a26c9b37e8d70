#include "ir/trace/program.h"

#include <llvm/Support/raw_ostream.h>

#include "ir/ops/rules.h"

namespace nuthatch::ir {

std::unique_ptr<mlir::MLIRContext> makeContext() {
  registerAllRules();
  auto context = std::make_unique<mlir::MLIRContext>(mlir::MLIRContext::Threading::DISABLED);
  context->loadDialect<NhDialect, mlir::func::FuncDialect>();
  return context;
}

std::string TracedProgram::text() const {
  std::string out;
  llvm::raw_string_ostream stream(out);
  module->print(stream);
  return out;
}

const TracedProgram& traced(const api::Program& p) { return static_cast<const TracedProgram&>(p); }

mlir::Location location(mlir::MLIRContext* c, const std::source_location& where) {
  return mlir::FileLineColLoc::get(c, where.file_name(), where.line(), where.column());
}

std::string describe(mlir::Location loc) {
  std::string out;
  loc->walk([&](mlir::Location part) {
    auto line = mlir::dyn_cast<mlir::FileLineColLoc>(part);
    if (!line) return mlir::WalkResult::advance();
    llvm::StringRef file = line.getFilename().getValue();
    out = (file.substr(file.rfind('/') + 1) + ":" + llvm::Twine(line.getLine())).str();
    return mlir::WalkResult::interrupt();
  });
  return out;
}

}  // namespace nuthatch::ir
