#pragma once
// Programs as text, from a file or a person.
#include <mlir/IR/BuiltinOps.h>
#include <mlir/IR/OwningOpRef.h>
#include <string>

namespace nuthatch::ir {

/// Parses and verifies a module; null after a diagnostic. Unlike MLIR's parser, which leaves dangling uses behind when
/// it stops inside a region whose values were used before the region, it takes no value that is used before its
/// definition or outside its region. Programs of this dialect have none.
mlir::OwningOpRef<mlir::ModuleOp> readModule(const std::string& text, mlir::MLIRContext*);

/// The first name that is used where it is not defined, with its line; empty when there is none.
std::string undefinedName(const std::string& text);

}  // namespace nuthatch::ir
