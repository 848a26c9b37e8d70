#pragma once
// Some operations of a program as a program of their own.
#include <mlir/IR/Operation.h>

#include "ir/trace/program.h"

namespace nuthatch::gpu {

struct PartOutput {
  mlir::Value value;
  mlir::Value otherwise;  // what it is where the part is not run; null: zeros
};

struct Part {
  std::vector<mlir::Value> inputs;
  std::vector<mlir::Operation*> operations;  // in an order in which they can run
  std::vector<PartOutput> outputs;
  mlir::Value live;  // an input: the part is run where it is true; null: always
};

/// Its passes are behind it: operations keep their meaning to the last bit.
Shared<ir::TracedProgram> programOf(const Part&, mlir::MLIRContext*);

}  // namespace nuthatch::gpu
