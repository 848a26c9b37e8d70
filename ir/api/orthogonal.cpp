// QR, eigenvalues, singular values, and what follows from them.
#include <limits>

#include "ir/api/matrix_batches.h"
#include "nuthatch/array.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"

namespace nuthatch {
using namespace detail;

namespace {
double rounding(const Tensor& x) {
  return x.dtype() == f32 ? double(std::numeric_limits<float>::epsilon()) : std::numeric_limits<double>::epsilon();
}
double default_cutoff(const Tensor& x) {
  const Shape& s = x.shape();
  return rounding(x) * double(std::max(s[s.size() - 1], s[s.size() - 2]));
}
/// Which singular values are above rcond times the largest.
Tensor significant(const Tensor& s, double rcond) {
  return s.shape().back() == 0 ? full(s.shape(), false) : s > rcond * max(s, {.axis = -1, .keepdims = true});
}
/// v diag(1 / s) u^T y without the singular values that count as zero.
Tensor solve_through(const SVD& x, const Tensor& y, const Tensor& kept, Where where) {
  Tensor inverse = select(kept, 1.0 / select(kept, x.s, 1.0), 0.0);
  return matmul(transposed_matrices(x.vt, where), expand_dims(inverse, -1) * matmul(transposed_matrices(x.u, where), y));
}
SVD decomposed(const char* op, const Tensor& operand, Where where) {
  Tensor x = matrices(op, operand, false, where);
  const Shape& s = x.shape();
  if (s[s.size() - 2] >= s.back()) {
    auto r = emit_several("svd", {x}, {}, where);
    return {r[0], r[1], r[2]};
  }
  auto r = emit_several("svd", {transposed_matrices(x, where)}, {}, where);
  return {transposed_matrices(r[2], where), r[1], transposed_matrices(r[0], where)};
}
}  // namespace

QR qr(const Tensor& operand, Where where) {
  Tensor x = matrices("qr", operand, false, where);
  const std::int64_t m = x.shape()[x.shape().size() - 2], n = x.shape().back();
  if (m >= n) {
    auto results = emit_several("qr", {x}, {}, where);
    return {results[0], results[1]};
  }
  auto left = emit_several("qr", {columns(x, 0, m, where)}, {}, where);
  Tensor right = matmul(transposed_matrices(left[0], where), columns(x, m, n, where), where);
  return {left[0], concat({left[1], right}, -1, where)};
}

Eigh eigh(const Tensor& x, Where where) {
  auto results = emit_several("eigh", {matrices("eigh", x, true, where)}, {}, where);
  return {results[0], results[1]};
}
Tensor eigvalsh(const Tensor& x, Where where) { return emit_several("eigh", {matrices("eigvalsh", x, true, where)}, {}, where)[0]; }

SVD svd(const Tensor& x, Where where) { return decomposed("svd", x, where); }
Tensor svdvals(const Tensor& x, Where where) { return decomposed("svdvals", x, where).s; }

Tensor pinv(const Tensor& x, double rcond, Where where) {
  const SVD d = decomposed("pinv", x, where);
  CallerLine line(where);
  const std::int64_t m = x.shape()[x.shape().size() - 2];
  return solve_through(d, eye(m, d.s.dtype()), significant(d.s, rcond), where);
}

Tensor matrix_rank(const Tensor& x, std::optional<double> tol, Where where) {
  const SVD d = decomposed("matrix_rank", x, where);
  CallerLine line(where);
  return sum((tol ? d.s > *tol : significant(d.s, default_cutoff(d.u.dtype() == x.dtype() ? x : x.cast(d.u.dtype())))).cast(i64), -1);
}

LeastSquares lstsq(const Tensor& a, const Tensor& b, std::optional<double> rcond, Where where) {
  const Shape& s = checked("lstsq", a, where).type.shape;
  const Shape& t = checked("lstsq", b, where).type.shape;
  if (s.size() != 2) fail("lstsq", "needs one matrix, not shape " + to_string(s), where);
  if (t.empty() || t.size() > 2 || t[0] != s[0])
    fail("lstsq", "a right-hand side of shape " + to_string(t) + " does not fit a matrix of shape " + to_string(s), where);
  const Dtype dtype = floating(promote("lstsq", a, b, where));
  CallerLine line(where);
  Tensor x = convert(a, dtype, where), y = convert(b, dtype, where);
  const SVD d = decomposed("lstsq", x, where);
  Tensor kept = significant(d.s, rcond ? *rcond : default_cutoff(x));
  Tensor solution = solve_through(d, t.size() == 1 ? expand_dims(y, -1) : y, kept, where);
  if (t.size() == 1) solution = squeeze(solution, -1);
  return {solution, sum(square(y - matmul(x, solution)), 0), sum(kept.cast(i64)), d.s};
}

}  // namespace nuthatch
