#pragma once
// Helpers of the shape rules: building result types, saying which constraint is violated, and the checks on lists of
// dimensions that many operations share. Constraint numbers are those of docs/ir.md.
#include <string>

#include "ir/ops/rules.h"

namespace nuthatch::ir::shapes {

using Dims = llvm::ArrayRef<int64_t>;

inline std::string text(Dims list) { return to_string(Shape(list.vec())); }
inline std::string text(int64_t n) { return std::to_string(n); }
inline std::string text(mlir::Type t) { return describe(t); }
inline std::string text(const char* s) { return s; }
inline std::string text(const std::string& s) { return s; }
inline std::string text(llvm::StringRef s) { return s.str(); }

/// Records the violated constraint and returns the empty list that means failure.
template <class... Parts> Types fail(ShapeInput& in, int constraint, const Parts&... parts) {
  in.error = (std::string() + ... + text(parts)) + " (C" + std::to_string(constraint) + ")";
  return {};
}

inline Types one(mlir::Type element, Dims shape) { return {mlir::RankedTensorType::get(shape, element)}; }

inline bool isFloat(mlir::Type element) { return is_float(dtypeOf(element)); }
inline bool isBool(mlir::Type element) { return dtypeOf(element) == Dtype::bool_; }
inline bool isNumeric(mlir::Type element) { return !isBool(element); }

inline bool hasNegative(Dims list) {
  return llvm::any_of(list, [](int64_t n) { return n < 0; });
}
/// Every entry a dimension below `rank`, none twice.
inline bool distinctBelow(Dims list, int64_t rank) {
  llvm::SmallVector<bool, 8> seen(size_t(rank), false);
  for (int64_t d : list) {
    if (d < 0 || d >= rank || seen[size_t(d)]) return false;
    seen[size_t(d)] = true;
  }
  return true;
}
/// The same, in increasing order.
inline bool increasingBelow(Dims list, int64_t rank) {
  for (size_t i = 0; i < list.size(); ++i)
    if (list[i] < (i ? list[i - 1] + 1 : 0) || list[i] >= rank) return false;
  return true;
}
inline bool contains(Dims list, int64_t d) { return llvm::is_contained(list, d); }
inline bool disjoint(Dims a, Dims b) {
  return llvm::none_of(a, [&](int64_t d) { return contains(b, d); });
}
inline bool isIndexScalar(mlir::RankedTensorType t) {
  return t.getRank() == 0 && dtypeOf(t.getElementType()) == Dtype::i64;
}
inline mlir::Type dtypeAttribute(const ShapeInput& in) { return in.attributes.getAs<mlir::TypeAttr>("dtype").getValue(); }

}  // namespace nuthatch::ir::shapes
