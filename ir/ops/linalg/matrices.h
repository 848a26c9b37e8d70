#pragma once
// What derivative rules of linear algebra are written with. Matrices are the last two dimensions, all before are batch.
#include "ir/ops/derivative.h"

namespace nuthatch::ir::matrices {

using mlir::Value;
using List = llvm::SmallVector<int64_t>;

inline Value matmul(Lean& e, Value a, Value b, bool transposeA = false, bool transposeB = false) {
  int64_t rank = shapeOf(a).size();
  List batch = allDims(rank - 2);
  return e.dot(a, b, batch, batch, {transposeA ? rank - 2 : rank - 1}, {transposeB ? rank - 1 : rank - 2});
}

inline Value matrixTranspose(Lean& e, Value a) {
  List perm = allDims(shapeOf(a).size());
  std::swap(perm[perm.size() - 1], perm[perm.size() - 2]);
  return e.transpose(a, perm);
}

/// Row and column numbers of the matrices of x compared.
inline Value triangle(Lean& e, Value x, CompareKind rowVersusColumn) {
  int64_t rank = shapeOf(x).size();
  mlir::Type i64 = elementType(e.b.getContext(), Dtype::i64);
  auto matrix = shapeOf(x).take_back(2);
  Value mask = e.compare(rowVersusColumn, e.iota(i64, matrix, 0), e.iota(i64, matrix, 1));
  return rank == 2 ? mask : e.Builder::broadcast(mask, shapeOf(x), {rank - 2, rank - 1});
}

/// The lower triangle mirrored: the symmetric matrix that is meant where only the lower triangle is read.
inline Value mirrored(Lean& e, Value x) { return e.select(triangle(e, x, CompareKind::ge), x, matrixTranspose(e, x)); }

/// Phi: the lower triangle with half the diagonal.
inline Value lowerWithHalfDiagonal(Lean& e, Value x) {
  Value diagonalHalved = e.select(triangle(e, x, CompareKind::eq), e.scale(x, 0.5), x);
  return e.keepIf(triangle(e, x, CompareKind::ge), diagonalHalved);
}

inline Value solve(Lean& e, Value a, Value b, bool lower, bool transpose, bool unit) {
  return e.one("triangular_solve", {a, b},
               {e.flag("lower", lower), e.flag("transpose", transpose), e.flag("unit_diagonal", unit)});
}

/// X L^-1 and X L^-T for lower triangular L.
inline Value solveRight(Lean& e, Value x, Value l, bool transposeL) {
  return matrixTranspose(e, solve(e, l, matrixTranspose(e, x), true, !transposeL, false));
}

/// Where `rowVersusColumn` holds, x, else zero: ge keeps the lower triangle, lt what is strictly above the diagonal.
inline Value part(Lean& e, Value x, CompareKind rowVersusColumn) { return e.keepIf(triangle(e, x, rowVersusColumn), x); }

/// Element (i, j) times v_j, or v_i.
inline Value scaleColumns(Lean& e, Value x, Value v) {
  List dims = allDims(shapeOf(x).size());
  dims.erase(dims.end() - 2);
  return e.mul(x, e.broadcast(v, shapeOf(x), dims));
}
inline Value scaleRows(Lean& e, Value x, Value v) {
  List dims = allDims(shapeOf(x).size());
  dims.pop_back();
  return e.mul(x, e.broadcast(v, shapeOf(x), dims));
}
/// The diagonal [..., n] of [..., n, n], and the matrix with a diagonal.
inline Value diagonalOf(Lean& e, Value x) {
  return e.sum(part(e, x, CompareKind::eq), {int64_t(shapeOf(x).size()) - 1});
}
inline Value diagonalMatrix(Lean& e, Value v) {
  List shape(shapeOf(v)), dims = allDims(shape.size());
  shape.push_back(shape.back());
  return part(e, e.Builder::broadcast(v, shape, dims), CompareKind::eq);
}

}  // namespace nuthatch::ir::matrices
