#include "nuthatch/linalg.h"

#include "ir/api/operands.h"
#include "nuthatch/array.h"
#include "nuthatch/math.h"

namespace nuthatch {
using namespace detail;

namespace {
Dtype product_dtype(const char* op, const Tensor& a, const Tensor& b, Where where) {
  const Dtype d = promote(op, a, b, where);
  return d == bool_ ? i64 : d;
}
void square(const char* op, const Tensor& x, Where where) {
  const Shape& s = checked(op, x, where).type.shape;
  if (s.size() < 2 || s[s.size() - 1] != s[s.size() - 2]) fail(op, "needs square matrices, not shape " + to_string(s), where);
}
Shape with(Shape batch, std::initializer_list<std::int64_t> last) {
  batch.insert(batch.end(), last.begin(), last.end());
  return batch;
}
}  // namespace

Tensor matmul(const Tensor& x, const Tensor& y, Where where) {
  const Shape &s = checked("matmul", x, where).type.shape, &t = checked("matmul", y, where).type.shape;
  if (s.empty() || t.empty()) fail("matmul", "a scalar operand; use *", where);
  const Dtype dtype = product_dtype("matmul", x, y, where);
  Tensor a = convert(x, dtype, where), b = convert(y, dtype, where);
  const std::int64_t m = std::int64_t(s.size()), n = std::int64_t(t.size()), row = n == 1 ? 0 : n - 2;
  if (s.back() != t[std::size_t(row)])
    fail("matmul", to_string(s) + " times " + to_string(t) + ": the inner extents " + std::to_string(s.back()) + " and " +
                       std::to_string(t[std::size_t(row)]) + " differ", where);
  if (m == 1 || n <= 2) return dot_general(a, b, {}, {}, {m - 1}, {row}, where);
  if (m == 2) {  // [m, batch..., n] to [batch..., m, n]
    Tensor c = dot_general(a, b, {}, {}, {1}, {row}, where);
    return moveaxis(c, 0, -2, where);
  }
  const Shape batch = broadcast_shape("matmul", Shape(s.begin(), s.end() - 2), Shape(t.begin(), t.end() - 2), where);
  a = expand(a, with(batch, {s[s.size() - 2], s.back()}), where);
  b = expand(b, with(batch, {t[t.size() - 2], t.back()}), where);
  Ints dims;
  for (std::size_t d = 0; d < batch.size(); ++d) dims.push_back(std::int64_t(d));
  const std::int64_t k = std::int64_t(batch.size());
  return dot_general(a, b, dims, dims, {k + 1}, {k}, where);
}

Tensor dot(const Tensor& x, const Tensor& y, Where where) {
  const Shape &s = checked("dot", x, where).type.shape, &t = checked("dot", y, where).type.shape;
  if (s.empty() || t.empty()) fail("dot", "a scalar operand; use *", where);
  const std::size_t row = t.size() == 1 ? 0 : t.size() - 2;
  if (s.back() != t[row])
    fail("dot", to_string(s) + " with " + to_string(t) + ": the inner extents " + std::to_string(s.back()) + " and " + std::to_string(t[row]) + " differ", where);
  const Dtype dtype = product_dtype("dot", x, y, where);
  return dot_general(convert(x, dtype, where), convert(y, dtype, where), {}, {}, {std::int64_t(s.size()) - 1}, {std::int64_t(row)}, where);
}

Tensor cholesky(const Tensor& x, Where where) {
  square("cholesky", x, where);
  return emit_one("cholesky", {to_float("cholesky", x, where)}, {}, where);
}

Tensor triangular_solve(const Tensor& L, const Tensor& b, bool lower, bool transpose, Where where) {
  square("triangular_solve", L, where);
  const Shape &s = L.shape(), &t = checked("triangular_solve", b, where).type.shape;
  const bool vector = t.size() < s.size();
  const std::int64_t n = s.back();
  if (t.empty() || (vector ? t.back() : t[t.size() - 2]) != n)
    fail("triangular_solve", "a right-hand side of shape " + to_string(t) + " does not fit matrices of shape " + to_string(s), where);
  const Dtype dtype = floating(promote("triangular_solve", L, b, where));
  const std::size_t tail = vector ? 1 : 2;
  const Shape batch = broadcast_shape("triangular_solve", Shape(s.begin(), s.end() - 2), Shape(t.begin(), t.end() - std::ptrdiff_t(tail)), where);
  const Shape right = vector ? with(batch, {n}) : with(batch, {n, t.back()});
  Tensor a = expand(convert(L, dtype, where), with(batch, {n, n}), where), y = expand(convert(b, dtype, where), right, where);
  if (vector) y = reshaped(y, with(batch, {n, 1}), where);
  y = emit_one("triangular_solve", {a, y}, {{"lower", lower}, {"transpose", transpose}, {"unit_diagonal", false}}, where);
  return vector ? reshaped(y, right, where) : y;
}

Tensor cho_solve(const Tensor& L, const Tensor& b, Where where) {
  return triangular_solve(L, triangular_solve(L, b, true, false, where), true, true, where);
}
Tensor trace_of(const Tensor& x, Where where) { return sum(diagonal(x, where), -1, where); }
Tensor cholesky_logdet(const Tensor& L, Where where) {
  CallerLine line(where);
  return 2.0 * sum(log(diagonal(L)), -1);
}

}  // namespace nuthatch
