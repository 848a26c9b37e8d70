#pragma once
// The attributes of an operation for code that does not include MLIR: the reference kernels.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "nuthatch/detail/array.h"

namespace mlir {
class Operation;
}

namespace nuthatch::ir {

using ::nuthatch::detail::Array;

class Attributes {
 public:
  Attributes(mlir::Operation* op) : op(op) {}
  std::int64_t integer(const char* name) const;
  bool flag(const char* name) const;
  int kind() const;
  std::vector<std::int64_t> list(const char* name) const;
  std::string text(const char* name) const;
  Array constant() const;  // the attribute "value"

 private:
  mlir::Operation* op;
};

/// Reference semantics: fills the (allocated) results from the operands.
using EvalRule = void (*)(const Attributes&, std::span<const Array> operands, std::span<Array> results);
void registerEval(const char* mnemonic, EvalRule);

}  // namespace nuthatch::ir
