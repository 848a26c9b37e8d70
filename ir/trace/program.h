#pragma once
// A finished traced program: what the passes and backends receive.
#include <mlir/Dialect/Func/IR/FuncOps.h>

#include "ir/dialect/dialect.h"
#include "nuthatch/detail/emit.h"

namespace nuthatch::ir {

/// A context with our dialects loaded and threading off. One per program: contexts are never shared between threads.
std::unique_ptr<mlir::MLIRContext> makeContext();

struct TracedProgram : api::Program {
  std::unique_ptr<mlir::MLIRContext> context;  // outlives the module
  mutable mlir::OwningOpRef<mlir::ModuleOp> module;    // one func.func @main: (arguments, captures) -> results
  mlir::func::FuncOp main() const { return *module->getOps<mlir::func::FuncOp>().begin(); }
  std::string text() const override;
};

/// The only implementation of api::Program.
const TracedProgram& traced(const api::Program&);

/// Location of a user's source line.
mlir::Location location(mlir::MLIRContext*, const std::source_location&);
/// "file.cpp:12" of a location, empty when it has none.
std::string describe(mlir::Location);

}  // namespace nuthatch::ir
