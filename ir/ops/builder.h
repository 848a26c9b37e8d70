#pragma once
// Convenience for code that writes nh IR: rules, passes, composites. Result types come from the shape rules.
#include "ir/dialect/dialect.h"

namespace nuthatch::ir {

class Builder {
 public:
  Builder(mlir::OpBuilder& b, mlir::Location loc) : b(b), loc(loc) {}
  mlir::OpBuilder& b;
  mlir::Location loc;

  using Value = mlir::Value;
  using Dims = llvm::ArrayRef<int64_t>;

  /// Any operation by name; throws nothing, asserts that the shape rule accepts.
  mlir::Operation* op(llvm::StringRef mnemonic, mlir::ValueRange operands, llvm::ArrayRef<mlir::NamedAttribute> attrs = {});
  Value one(llvm::StringRef mnemonic, mlir::ValueRange operands, llvm::ArrayRef<mlir::NamedAttribute> attrs = {}) {
    return op(mnemonic, operands, attrs)->getResult(0);
  }
  mlir::NamedAttribute attr(llvm::StringRef name, Dims list);
  mlir::NamedAttribute attr(llvm::StringRef name, int64_t);
  mlir::NamedAttribute attr(llvm::StringRef name, bool) = delete;
  mlir::NamedAttribute flag(llvm::StringRef name, bool);
  mlir::NamedAttribute kind(uint32_t);

  // Elementwise. Binary operands must have one type; use like() and spread() to get there.
  Value unary(UnaryKind, Value x);
  Value binary(BinaryKind, Value a, Value b);
  Value ternary(TernaryKind, Value a, Value b, Value c);
  Value compare(CompareKind, Value a, Value b);
  Value select(Value p, Value a, Value b) { return one("select", {p, a, b}); }
  Value convert(Value x, mlir::Type element);
  Value add(Value a, Value b) { return binary(BinaryKind::add, a, b); }
  Value sub(Value a, Value b) { return binary(BinaryKind::sub, a, b); }
  Value mul(Value a, Value b) { return binary(BinaryKind::mul, a, b); }
  Value div(Value a, Value b) { return binary(BinaryKind::div, a, b); }
  Value neg(Value a) { return unary(UnaryKind::neg, a); }
  Value exp(Value a) { return unary(UnaryKind::exp, a); }
  Value log(Value a) { return unary(UnaryKind::log, a); }

  /// Splat constant of a type / of x's type.
  Value splat(mlir::RankedTensorType, double value);
  Value like(Value x, double value) { return splat(tensorType(x), value); }
  Value zeros(mlir::Type t) { return splat(mlir::cast<mlir::RankedTensorType>(t), 0.0); }
  Value scalar(int64_t value);  // tensor<i64>

  // Shape.
  Value broadcast(Value x, Dims shape, Dims dims);
  /// Scalar x to x's type with this shape.
  Value spread(Value x, Dims shape) { return broadcast(x, shape, {}); }
  Value reshape(Value x, Dims shape);
  Value transpose(Value x, Dims perm);
  Value slice(Value x, Dims start, Dims limit, Dims stride);
  Value reverse(Value x, Dims dims);
  Value pad(Value x, Dims low, Dims high, Dims interior, Value value);
  Value concatenate(mlir::ValueRange xs, int64_t dim);
  Value iota(mlir::Type element, Dims shape, int64_t dim);

  Value reduce(ReduceKind, Value x, Dims dims);
  Value sum(Value x, Dims dims) { return dims.empty() ? x : reduce(ReduceKind::sum, x, dims); }
  /// Sum of all elements, a scalar.
  Value total(Value x);
  Value dot(Value lhs, Value rhs, Dims lhsBatch, Dims rhsBatch, Dims lhsContract, Dims rhsContract);
  Value dynamicSlice(Value x, mlir::ValueRange starts, Dims sizes);
  Value dynamicUpdateSlice(Value x, Value update, mlir::ValueRange starts);
};

}  // namespace nuthatch::ir
