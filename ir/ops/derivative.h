#pragma once
// What derivative rules are written with: a Builder that does not emit the multiplications by one, additions of zero
// and broadcasts of constants that every chain rule is full of. Gradients are the innermost loop of the samplers, so
// what is not emitted here need not be found and removed later.
#include <optional>

#include "ir/ops/rules.h"

namespace nuthatch::ir {

/// True for tensors that have tangents and cotangents.
inline bool isFloat(mlir::Type t) {
  return mlir::isa<mlir::FloatType>(mlir::cast<mlir::RankedTensorType>(t).getElementType());
}
inline bool isFloat(mlir::Value v) { return isFloat(v.getType()); }

/// The value of a floating-point tensor all of whose elements are visibly one constant.
std::optional<double> splatValue(mlir::Value);

class Lean : public Builder {
 public:
  Lean(mlir::OpBuilder& b, mlir::Location loc) : Builder(b, loc) {}
  explicit Lean(const Builder& o) : Builder(o) {}

  Value neg(Value);
  Value add(Value, Value);  // null means zero
  Value sub(Value, Value);
  Value mul(Value, Value);
  Value div(Value, Value);
  Value scale(Value v, double factor) { return mul(v, like(v, factor)); }
  Value square(Value v) { return mul(v, v); }
  Value broadcast(Value, Dims shape, Dims dims);
  Value reshape(Value, Dims shape);
  Value transpose(Value, Dims perm);

  /// Sum over `dims`. Factors that are constant along them are multiplied after the sum: sum(x c) = c sum(x).
  Value sum(Value, Dims dims);

  Value zerosLike(Value v) { return like(v, 0.0); }
  Value orZero(Value derivative, Value primal) { return derivative ? derivative : zerosLike(primal); }
  /// p ? v : 0 and p ? 0 : v.
  Value keepIf(Value p, Value v) { return select(p, v, zerosLike(v)); }
  Value dropIf(Value p, Value v) { return select(p, zerosLike(v), v); }

 private:
  /// v as a tensor without the dimensions `dims`, when v is visibly constant along them; else null.
  Value withoutDims(Value v, Dims dims);
  /// v = (negative ? -1 : 1) * core * times / over, the factors without `dims` along which they are constant; a null
  /// core is one.
  struct Factored {
    Value core;
    llvm::SmallVector<Value> times, over;
    bool negative;
  };
  Factored factored(Value v, Dims dims, int depth);
};

/// Result dimensions of a broadcast (result shape `shape`) along which the operand is repeated.
llvm::SmallVector<int64_t> repeatedDims(llvm::ArrayRef<int64_t> operandShape, llvm::ArrayRef<int64_t> shape,
                                        llvm::ArrayRef<int64_t> dims);

/// The dimensions of a rank in order, and the list without some of its positions.
llvm::SmallVector<int64_t> allDims(int64_t rank);
llvm::SmallVector<int64_t> without(llvm::ArrayRef<int64_t> list, llvm::ArrayRef<int64_t> positions);

}  // namespace nuthatch::ir
