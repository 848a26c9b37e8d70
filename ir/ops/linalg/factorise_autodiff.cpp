// Derivatives of lu, qr, eigh and svd. Differences of eigenvalues, or of squared singular values, stand in denominators:
// pairs that agree to rounding contribute nothing, which is right for symmetric functions of equal values and for
// projections on their space.
#include <limits>

#include "ir/ops/linalg/matrices.h"

namespace nuthatch::ir {
namespace {
using namespace matrices;
using mlir::Operation;
using mlir::ValueRange;
using Values = llvm::ArrayRef<Value>;
using Flags = llvm::ArrayRef<bool>;

/// x u^-1 and x u^-T for upper triangular u.
Value solveUpperRight(Lean& e, Value x, Value u, bool transposeU) {
  return matrixTranspose(e, solve(e, u, matrixTranspose(e, x), false, !transposeU, false));
}

double roundingOf(Value x) {
  return dtypeOf(elementType(x)) == Dtype::f32 ? std::numeric_limits<float>::epsilon() : std::numeric_limits<double>::epsilon();
}

/// True where |v| is zero to rounding relative to the largest magnitude of `scale` [..., n] in its batch.
Value negligible(Lean& e, Value v, Value scale) {
  List batch = allDims(shapeOf(scale).size());
  int64_t last = batch.pop_back_val();
  Value largest = e.reduce(ReduceKind::max, e.unary(UnaryKind::abs, scale), {last});
  Value limit = e.scale(e.Builder::broadcast(largest, shapeOf(v), batch), 8 * roundingOf(v));
  return e.compare(CompareKind::le, e.unary(UnaryKind::abs, v), limit);
}

/// F_ij = 1 / (v_j - v_i) for v [..., n], 0 where the two agree to rounding.
Value inverseDifferences(Lean& e, Value v) {
  List shape(shapeOf(v)), rows = allDims(shape.size()), columns = rows;
  shape.push_back(shape.back());
  columns.back() += 1;
  Value difference = e.sub(e.Builder::broadcast(v, shape, columns), e.Builder::broadcast(v, shape, rows));
  Value equal = negligible(e, difference, v);
  return e.dropIf(equal, e.div(e.like(difference, 1), e.select(equal, e.like(difference, 1), difference)));
}

//===-------------------------------------- lu -----------------------------------===//
// With the permutation fixed: for X = L^-1 P t U^-1, the tangent of L is L tril(X, -1), that of U is triu(X) U.

/// Row permutation(i) of x as row i.
Value permuted(Lean& e, Value x, Value permutation) {
  if (tensorType(x).getNumElements() == 0) return x;
  int64_t rank = shapeOf(x).size();
  List batch = allDims(rank - 2), sizes(size_t(rank), 1), column(shapeOf(permutation));
  column.push_back(1);
  sizes.back() = shapeOf(x).back();
  return e.one("gather", {x, e.reshape(permutation, column)},
               {e.attr("offset_dims", List{rank - 1}), e.attr("collapsed_dims", List{rank - 2}), e.attr("operand_batch_dims", batch),
                e.attr("indices_batch_dims", batch), e.attr("index_map", List{rank - 2}), e.attr("slice_sizes", sizes)});
}
/// The inverse: row i of x as row permutation(i).
Value unpermuted(Lean& e, Value x, Value permutation) {
  if (tensorType(x).getNumElements() == 0) return x;
  int64_t rank = shapeOf(x).size();
  List batch = allDims(rank - 2), column(shapeOf(permutation));
  column.push_back(1);
  return e.one("scatter", {e.zerosLike(x), e.reshape(permutation, column), x},
               {e.kind(uint32_t(ScatterKind::add)), e.attr("window_dims", List{rank - 1}), e.attr("inserted_dims", List{rank - 2}),
                e.attr("operand_batch_dims", batch), e.attr("indices_batch_dims", batch), e.attr("index_map", List{rank - 2})});
}
Value unitLower(Lean& e, Value factors) {
  return e.select(triangle(e, factors, CompareKind::eq), e.like(factors, 1), part(e, factors, CompareKind::gt));
}

Derivatives luJvp(Builder& b, Operation*, ValueRange, ValueRange results, Values t) {
  Lean e(b);
  Value f = results[0];
  Value x = solveUpperRight(e, solve(e, f, permuted(e, t[0], results[1]), true, false, true), f, false);
  Value lower = matmul(e, unitLower(e, f), part(e, x, CompareKind::gt));
  Value upper = matmul(e, part(e, x, CompareKind::le), part(e, f, CompareKind::le));
  return {e.add(lower, upper), Value()};
}

Derivatives luVjp(Builder& b, Operation*, ValueRange, ValueRange results, Values g, Flags) {
  if (!g[0]) return {Value()};
  Lean e(b);
  Value f = results[0];
  Value lower = part(e, matmul(e, unitLower(e, f), part(e, g[0], CompareKind::gt), true), CompareKind::gt);
  Value upper = part(e, matmul(e, part(e, g[0], CompareKind::le), part(e, f, CompareKind::le), false, true), CompareKind::le);
  Value inner = solve(e, f, solveUpperRight(e, e.add(lower, upper), f, true), true, true, true);
  return {unpermuted(e, inner, results[1])};
}

//===-------------------------------------- qr -----------------------------------===//
// Walter and Lehmann (2010), arXiv 1009.6112. For full column rank.

Derivatives qrJvp(Builder& b, Operation*, ValueRange, ValueRange results, Values t) {
  Lean e(b);
  Value q = results[0], r = results[1];
  Value x = solveUpperRight(e, t[0], r, false);
  Value projected = matmul(e, q, x, true);
  Value lower = part(e, projected, CompareKind::gt);
  Value turn = e.sub(lower, matrixTranspose(e, lower));  // skew, with the lower triangle of q^T t r^-1
  Value dq = e.add(x, matmul(e, q, e.sub(turn, projected)));
  return {dq, part(e, matmul(e, e.sub(projected, turn), r), CompareKind::le)};
}

Derivatives qrVjp(Builder& b, Operation*, ValueRange, ValueRange results, Values g, Flags) {
  if (!g[0] && !g[1]) return {Value()};
  Lean e(b);
  Value q = results[0], r = results[1], inner;
  if (g[1]) inner = matmul(e, r, part(e, g[1], CompareKind::le), false, true);
  if (g[0]) inner = e.sub(inner, matmul(e, g[0], q, true));
  Value total = e.add(g[0], matmul(e, q, mirrored(e, inner)));
  return {solveUpperRight(e, total, r, true)};
}

//===------------------------------------- eigh ----------------------------------===//

Derivatives eighJvp(Builder& b, Operation*, ValueRange, ValueRange results, Values t) {
  Lean e(b);
  Value w = results[0], v = results[1];
  Value k = matmul(e, v, matmul(e, mirrored(e, t[0]), v), true);
  return {diagonalOf(e, k), matmul(e, v, e.mul(inverseDifferences(e, w), k))};
}

Derivatives eighVjp(Builder& b, Operation*, ValueRange, ValueRange results, Values g, Flags) {
  if (!g[0] && !g[1]) return {Value()};
  Lean e(b);
  Value w = results[0], v = results[1], inner;
  if (g[0]) inner = diagonalMatrix(e, g[0]);
  if (g[1]) inner = e.add(inner, e.mul(inverseDifferences(e, w), matmul(e, v, g[1], true)));
  Value outer = matmul(e, matmul(e, v, inner), v, false, true);
  return {lowerWithHalfDiagonal(e, e.add(outer, matrixTranspose(e, outer)))};
}

//===-------------------------------------- svd ----------------------------------===//
// Townsend (2016), Differentiating the singular value decomposition. For x [m, n], m >= n: v is square.

/// 1 / v, 0 where v is zero to rounding relative to `scale`.
Value inverseOrZero(Lean& e, Value v, Value scale) {
  Value zero = negligible(e, v, scale);
  return e.dropIf(zero, e.div(e.like(v, 1), e.select(zero, e.like(v, 1), v)));
}
bool tall(Value x) {
  auto matrix = shapeOf(x).take_back(2);
  return matrix[0] > matrix[1];
}

/// The divisors s_j^2 - s_i^2 = (s_j - s_i)(s_j + s_i) in two parts: what turns u and v alike is divided by the
/// difference, what turns them against each other by the sum, which is not zero for equal s.
struct TurnScales {
  Value alike, opposite;
  TurnScales(Lean& e, Value s) {
    List shape(shapeOf(s)), rows = allDims(shape.size()), columns = rows;
    shape.push_back(shape.back());
    columns.back() += 1;
    Value sums = e.add(e.Builder::broadcast(s, shape, columns), e.Builder::broadcast(s, shape, rows));
    alike = inverseDifferences(e, s);
    opposite = inverseOrZero(e, sums, s);
  }
};

Derivatives svdJvp(Builder& b, Operation*, ValueRange, ValueRange results, Values t) {
  Lean e(b);
  Value u = results[0], s = results[1], vt = results[2];
  Value tv = matmul(e, t[0], vt, false, true), p = matmul(e, u, tv, true), pt = matrixTranspose(e, p);
  const TurnScales scales(e, s);
  Value alike = e.mul(scales.alike, e.scale(e.add(p, pt), 0.5)), opposite = e.mul(scales.opposite, e.scale(e.sub(p, pt), 0.5));
  Value du = matmul(e, u, e.add(alike, opposite));
  if (tall(u)) du = e.add(du, scaleColumns(e, e.sub(tv, matmul(e, u, p)), inverseOrZero(e, s, s)));
  return {du, diagonalOf(e, p), matmul(e, e.sub(alike, opposite), vt, true)};
}

Derivatives svdVjp(Builder& b, Operation*, ValueRange, ValueRange results, Values g, Flags) {
  if (!g[0] && !g[1] && !g[2]) return {Value()};
  Lean e(b);
  Value u = results[0], s = results[1], vt = results[2], inner, rest, turnU, turnV;
  auto skew = [&](Value x) { return e.sub(x, matrixTranspose(e, x)); };
  if (g[1]) inner = diagonalMatrix(e, g[1]);
  if (g[0]) {
    Value projected = matmul(e, u, g[0], true);
    turnU = skew(projected);
    if (tall(u)) rest = scaleColumns(e, e.sub(g[0], matmul(e, u, projected)), inverseOrZero(e, s, s));
  }
  if (g[2]) turnV = skew(matmul(e, vt, g[2], false, true));
  if (g[0] || g[2]) {
    const TurnScales scales(e, s);
    Value alike = e.mul(scales.alike, e.add(turnU, turnV)), opposite = e.mul(scales.opposite, e.sub(turnU, turnV));
    inner = e.add(inner, e.scale(e.add(alike, opposite), 0.5));
  }
  return {matmul(e, e.add(matmul(e, u, inner), rest), vt)};
}

}  // namespace

void registerFactoriseAutodiff() {
  auto set = [](llvm::StringRef op, JvpRule jvp, VjpRule vjp) {
    rulesOf(op).jvp = jvp;
    rulesOf(op).vjp = vjp;
  };
  set("lu", luJvp, luVjp);
  set("qr", qrJvp, qrVjp);
  set("eigh", eighJvp, eighVjp);
  set("svd", svdJvp, svdVjp);
}

}  // namespace nuthatch::ir
