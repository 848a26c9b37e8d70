// Square systems and determinants, by LU factorisation.
#include "ir/api/matrix_batches.h"
#include "nuthatch/array.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"
#include "nuthatch/order.h"

namespace nuthatch {
using namespace detail;

namespace {
LuFactors factored(const char* op, const Tensor& x, Where where) {
  auto results = emit_several("lu", {matrices(op, x, true, where)}, {}, where);
  return {results[0], results[1]};
}

/// Substitutions for right-hand sides [..., n, k]; batches broadcast.
Tensor substitute(const LuFactors& lu, const Tensor& b, bool transpose, Where where) {
  const std::int64_t n = lu.factors.shape().back(), k = b.shape().back();
  const Shape batch = broadcast_shape("solve", batch_of(lu.factors), batch_of(b), where);
  const Dtype dtype = floating(promote("solve", lu.factors, b, where));
  Tensor f = expand(convert(lu.factors, dtype, where), with(batch, {n, n}), where);
  Tensor y = expand(convert(b, dtype, where), with(batch, {n, k}), where);
  if (!transpose) {
    y = take_along_axis(y, expand_dims(lu.permutation, -1, where), -2, where);
    y = substitute_triangle(f, y, true, false, true, where);
    return substitute_triangle(f, y, false, false, false, where);
  }
  y = substitute_triangle(f, y, false, true, false, where);
  y = substitute_triangle(f, y, true, true, true, where);
  return take_along_axis(y, expand_dims(argsort(lu.permutation, -1, where), -1, where), -2, where);
}

Tensor solved(const char* op, const LuFactors& lu, const Tensor& b, bool transpose, Where where) {
  const Shape& t = checked(op, b, where).type.shape;
  const std::int64_t n = lu.factors.shape().back();
  const bool vector = t.size() == 1;
  if (t.empty() || (vector ? t[0] : t[t.size() - 2]) != n)
    fail(op, "a right-hand side of shape " + to_string(t) + " does not fit matrices of shape " + to_string(lu.factors.shape()), where);
  Tensor y = substitute(lu, vector ? reshaped(b, {n, 1}, where) : b, transpose, where);
  return vector ? squeeze(y, -1, where) : y;
}

/// (-1)^(number of inversions), as a float.
Tensor parity(const Tensor& permutation, Dtype dtype) {
  const std::int64_t n = permutation.shape().back();
  Tensor inverted = expand_dims(permutation, -1) > expand_dims(permutation, -2);
  Tensor count = sum(triu(inverted.cast(i64), 1) * ones({n, n}, i64), {.axis = {-2, -1}});
  return (1 - 2 * (count % 2)).cast(dtype);
}
}  // namespace

LuFactors lu_factor(const Tensor& x, Where where) { return factored("lu_factor", x, where); }

Tensor lu_solve(const LuFactors& lu, const Tensor& b, bool transpose, Where where) {
  check_matrices("lu_solve", lu.factors, true, where);
  return solved("lu_solve", lu, b, transpose, where);
}

std::tuple<Tensor, Tensor, Tensor> lu(const Tensor& x, Where where) {
  const LuFactors f = factored("lu", x, where);
  const std::int64_t n = f.factors.shape().back();
  const Dtype dtype = f.factors.dtype();
  CallerLine line(where);
  Tensor p = transposed_matrices(one_hot(f.permutation, n, dtype), where);
  return {p, tril(f.factors, -1) + eye(n, dtype), triu(f.factors)};
}

Tensor solve(const Tensor& a, const Tensor& b, Where where) { return solved("solve", factored("solve", a, where), b, false, where); }

Tensor inv(const Tensor& x, Where where) {
  const LuFactors f = factored("inv", x, where);
  return substitute(f, eye(f.factors.shape().back(), f.factors.dtype(), where), false, where);
}

Tensor det(const Tensor& x, Where where) {
  const LuFactors f = factored("det", x, where);
  CallerLine line(where);
  return parity(f.permutation, f.factors.dtype()) * prod(diagonal(f.factors), -1);
}

std::pair<Tensor, Tensor> slogdet(const Tensor& x, Where where) {
  const LuFactors f = factored("slogdet", x, where);
  CallerLine line(where);
  Tensor pivots = diagonal(f.factors);
  return {parity(f.permutation, f.factors.dtype()) * prod(sign(pivots), -1), sum(log(abs(pivots)), -1)};
}

Tensor matrix_power(const Tensor& x, int n, Where where) {
  check_matrices("matrix_power", x, true, where);
  if (n == 0) return broadcast_to(eye(x.shape().back(), x.dtype(), where), x.shape(), where);
  Tensor square = n < 0 ? inv(x, where) : x, power;
  for (unsigned left = n < 0 ? 0u - unsigned(n) : unsigned(n);;) {
    if (left & 1) power = power.defined() ? matmul(power, square, where) : square;
    left >>= 1;
    if (left == 0) return power;
    square = matmul(square, square, where);
  }
}

}  // namespace nuthatch
