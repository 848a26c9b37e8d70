#pragma once
// A program under construction on the calling thread: the module, the open regions and the captured arrays.
#include <map>

#include "ir/trace/program.h"

namespace nuthatch::detail {

class Trace : public std::enable_shared_from_this<Trace> {
 public:
  /// The innermost trace of the calling thread, null outside any.
  static Trace* current();

  Trace(const std::vector<TensorType>& arguments, std::source_location);
  ~Trace();
  Trace(const Trace&) = delete;

  Values arguments();
  /// The operand's value in this program: checks liveness, makes literals constants and other arrays captures.
  mlir::Value use(const ValuePtr&, std::source_location where);
  Values append(const char* op, const Values& operands, const Attrs&, std::source_location);
  Values appendRegions(const char* op, const Values& operands, const Attrs&, const std::vector<Region>&,
                       std::source_location);
  /// Closes the program; the trace ends.
  ProgramPtr finish(const Values& results, std::source_location);

 private:
  struct Scope { mlir::Block* block; long serial; };
  ValuePtr handle(mlir::Value, std::source_location, size_t depth);
  mlir::Value capture(const ValuePtr&);
  mlir::MLIRContext* context() { return program->context.get(); }

  Shared<ir::TracedProgram> program;
  std::vector<Scope> scopes;                            // open regions, outermost (the function) first
  std::map<const std::byte*, mlir::Value> captured;     // by data pointer
  std::vector<ValuePtr> keepAlive;                      // captured handles, so that pointers stay unique
  Trace* outer;                                         // the trace this one interrupts
};

}  // namespace nuthatch::detail

namespace nuthatch::ir {

/// Attributes of the API as MLIR attributes.
mlir::DictionaryAttr attributes(mlir::MLIRContext*, const api::Attrs&);
/// Applies the shape rule; throws nuthatch::Error naming op, shapes and line.
llvm::SmallVector<mlir::Type> inferTypes(llvm::StringRef op, llvm::ArrayRef<mlir::RankedTensorType> operands,
                                         mlir::DictionaryAttr, std::source_location);
api::TensorType apiType(mlir::Type);

}  // namespace nuthatch::ir
