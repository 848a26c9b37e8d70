#pragma once
// The passes nh-opt offers, by name.
#include <llvm/ADT/ArrayRef.h>
#include <mlir/IR/BuiltinOps.h>
#include <string>

namespace nuthatch::opt {

struct Pass {
  std::string name, summary;
  mlir::LogicalResult (*run)(mlir::ModuleOp, const std::string& argument);
};
llvm::ArrayRef<Pass> passes();
const Pass* find(const std::string& name);

}  // namespace nuthatch::opt
