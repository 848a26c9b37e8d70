#pragma once
// What an operation means to the rest of the system. Every operation of the dialect has one record; its rules are
// written next to each other in ir/ops/<family>/ and a test fails when one is missing. Operations with regions have
// their derivative and batching rules in the passes of those names.
#include <functional>
#include <llvm/ADT/StringMap.h>
#include <string>

#include "ir/dialect/dialect.h"
#include "ir/ops/attributes.h"
#include "ir/ops/builder.h"

namespace nuthatch::ir {

/// Result types from operand types and attributes. On a violated constraint sets `error` (text without op and line,
/// naming the constraint number of docs/ir.md and the shapes) and returns an empty list.
struct ShapeInput {
  llvm::ArrayRef<mlir::RankedTensorType> operands;
  mlir::DictionaryAttr attributes;
  std::string error;
  mlir::MLIRContext* context() const { return attributes.getContext(); }
  llvm::ArrayRef<int64_t> shape(unsigned i) const { return operands[i].getShape(); }
  mlir::Type element(unsigned i) const { return operands[i].getElementType(); }
  llvm::ArrayRef<int64_t> list(llvm::StringRef attribute) const {
    return attributes.getAs<mlir::DenseI64ArrayAttr>(attribute).asArrayRef();
  }
  int64_t integer(llvm::StringRef attribute) const { return attributes.getAs<mlir::IntegerAttr>(attribute).getInt(); }
};
using Types = llvm::SmallVector<mlir::RankedTensorType, 1>;
using ShapeRule = Types (*)(ShapeInput&);

/// Derivative rules build IR. `operands` and `results` are the primal values to refer to (already emitted). A null
/// tangent or cotangent is zero; a null entry in the output says the derivative is zero.
using Derivatives = llvm::SmallVector<mlir::Value, 4>;
using JvpRule = Derivatives (*)(Builder&, mlir::Operation*, mlir::ValueRange operands, mlir::ValueRange results,
                                llvm::ArrayRef<mlir::Value> tangents);
using VjpRule = Derivatives (*)(Builder&, mlir::Operation*, mlir::ValueRange operands, mlir::ValueRange results,
                                llvm::ArrayRef<mlir::Value> cotangents, llvm::ArrayRef<bool> needed);

/// Batching: `operands[i]` has a leading axis of extent `size` iff mapped[i] (at least one is). Emits the batched
/// computation and returns its results, each with the axis in front.
using BatchRule = llvm::SmallVector<mlir::Value, 1> (*)(Builder&, mlir::Operation*, mlir::ValueRange operands,
                                                        llvm::ArrayRef<bool> mapped, int64_t size);

/// Rough arithmetic cost per result element, in flops (transcendentals about 10 to 30). For the cost model.
using CostRule = double (*)(mlir::Operation*);

struct OpRules {
  ShapeRule shape = nullptr;
  EvalRule eval = nullptr;
  JvpRule jvp = nullptr;
  VjpRule vjp = nullptr;
  BatchRule batch = nullptr;
  CostRule cost = nullptr;
  bool differentiable = true;  // false: integer valued or random, derivative zero, jvp and vjp absent
  bool has_regions = false;    // rules live in the interpreter and the passes
};

/// The record of an operation by its name without "nh."; created on first use by the registering functions.
OpRules& rulesOf(llvm::StringRef mnemonic);
const OpRules& rulesOf(mlir::Operation*);

/// Fills the table; called once when the dialect is loaded. One function per family and aspect, in ir/ops/register.cpp.
void registerAllRules();

}  // namespace nuthatch::ir
