#pragma once
// Helpers of the batching rules. A batched value has its new axis in front.
#include "ir/ops/rules.h"

namespace nuthatch::ir::batching {

using Dims = llvm::ArrayRef<int64_t>;
using List = llvm::SmallVector<int64_t>;
using Results = llvm::SmallVector<mlir::Value, 1>;

inline List prepend(int64_t first, Dims rest) {
  List all{first};
  all.append(rest.begin(), rest.end());
  return all;
}
/// Dimensions counted behind the new axis.
inline List shifted(Dims dims) {
  List out(dims);
  for (int64_t& d : out) ++d;
  return out;
}
/// The new axis, then the shifted dimensions.
inline List withFront(Dims dims) { return prepend(0, shifted(dims)); }
/// begin, begin + 1, ..., end - 1.
inline List range(int64_t begin, int64_t end) {
  List out;
  for (int64_t d = begin; d < end; ++d) out.push_back(d);
  return out;
}

/// The operand with the new axis, repeated along it where it is not mapped.
inline mlir::Value spread(Builder& b, mlir::Value x, bool mapped, int64_t size) {
  if (mapped) return x;
  return b.broadcast(x, prepend(size, shapeOf(x)), range(1, int64_t(shapeOf(x).size()) + 1));
}
inline llvm::SmallVector<mlir::Value> spreadAll(Builder& b, mlir::ValueRange operands, llvm::ArrayRef<bool> mapped, int64_t size) {
  llvm::SmallVector<mlir::Value> out;
  for (auto [x, m] : llvm::zip(operands, mapped)) out.push_back(spread(b, x, m, size));
  return out;
}

/// The operation's attributes with some replaced.
inline llvm::SmallVector<mlir::NamedAttribute> replaced(mlir::Operation* op, llvm::ArrayRef<mlir::NamedAttribute> changes) {
  mlir::NamedAttrList list(op->getAttrDictionary());
  for (mlir::NamedAttribute change : changes) list.set(change.getName(), change.getValue());
  return llvm::SmallVector<mlir::NamedAttribute>(list.begin(), list.end());
}
/// The operation on other operands and attributes.
inline Results again(Builder& b, mlir::Operation* op, mlir::ValueRange operands, llvm::ArrayRef<mlir::NamedAttribute> changes = {}) {
  return {b.one(op->getName().stripDialect(), operands, replaced(op, changes))};
}
/// Moves dimension `from` to the front.
inline mlir::Value toFront(Builder& b, mlir::Value x, int64_t from) {
  if (from == 0) return x;
  List perm{from};
  for (int64_t d = 0; d < int64_t(shapeOf(x).size()); ++d)
    if (d != from) perm.push_back(d);
  return b.transpose(x, perm);
}

}  // namespace nuthatch::ir::batching
