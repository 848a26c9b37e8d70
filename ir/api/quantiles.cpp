// Quantiles, by the definition that NumPy uses when none is asked for: position (n - 1) q of the sorted elements.
#include <limits>

#include "ir/api/operands.h"
#include "nuthatch/array.h"
#include "nuthatch/math.h"
#include "nuthatch/order.h"

namespace nuthatch {
using namespace detail;

namespace {
/// Interpolates from the nearer neighbour; equal neighbours stay as they are, infinite ones too.
Tensor linear(const Tensor& a, const Tensor& b, const Tensor& t) {
  Tensor equal = a == b, step = select(equal, 0.0, b - a);
  return select(equal, a, select(t >= 0.5, b - step * (1.0 - t), a + step * t));
}

void check_probabilities(const char* op, const Tensor& q, double whole, Where where) {
  if (checked(op, q, where).type.shape.size() > 1) fail(op, "probabilities are a scalar or a vector, not " + describe(q), where);
  if (!q.is_concrete()) return;
  for (double p : q.to_vector(where))
    if (!(p >= 0 && p <= whole))
      fail(op, (whole == 1 ? "probability " : "percentage ") + std::to_string(p) + " is outside [0, " + std::to_string(int(whole)) + "]", where);
}

/// The reduced dimensions flattened into one at the end.
Tensor rows_of(const char* op, const Tensor& x, std::vector<bool>& reduced, const Axes& axes, Where where) {
  const Shape& shape = checked(op, x, where).type.shape;
  reduced.assign(shape.size(), axes.all());
  for (int axis : axes.list()) reduced[std::size_t(axis_of(op, axis, shape.size(), shape, where))] = true;
  Ints perm;
  Shape rows;
  std::int64_t length = 1;
  for (bool last : {false, true})
    for (std::size_t d = 0; d < shape.size(); ++d) {
      if (reduced[d] != last) continue;
      perm.push_back(std::int64_t(d));
      if (last) length *= shape[d];
      else rows.push_back(shape[d]);
    }
  rows.push_back(length);
  if (length == 0) fail(op, "no elements in shape " + to_string(shape), where);
  return to_float(op, reshaped(transposed(x, perm, where), rows, where), where);
}

/// Along the last dimension of [batch..., n] at each element of the vector q: [batch..., number of q].
Tensor of_rows(const Tensor& rows, const Tensor& q, Interpolation method, Where where) {
  CallerLine line(where);
  const std::int64_t n = rows.shape().back();
  Tensor sorted = sort(rows, -1, where), at = q * double(n - 1);
  if (method == Interpolation::nearest) at = round(at);
  Tensor low = floor(at), t = at - low;
  Tensor first = minimum(maximum(low.cast(i64), 0), n - 1), second = minimum(first + (t > 0.0).cast(i64), n - 1);
  auto pick = [&](const Tensor& position) { return take(sorted, position, -1, where); };
  Tensor value;
  if (method == Interpolation::linear) value = linear(pick(first), pick(second), t);
  else if (method == Interpolation::midpoint) value = linear(pick(first), pick(second), select(t > 0.0, 0.5, 0.0 * t));
  else value = pick(method == Interpolation::higher ? second : first);
  Tensor has_nan = isnan(take(sorted, Tensor(n - 1), -1, where));
  return select(expand_dims(has_nan, -1), std::numeric_limits<double>::quiet_NaN(), value);
}

Tensor quantile_of(const char* op, const Tensor& x, const Tensor& q, const QuantileOptions& o, Where where) {
  std::vector<bool> reduced;
  Tensor rows = rows_of(op, x, reduced, o.axis, where), p = to_float(op, q, where);
  Tensor y = of_rows(rows, p.ndim() ? p : reshaped(p, {1}, where), o.method, where);
  y = moveaxis(y, -1, 0, where);
  Shape shape = q.shape();
  for (std::size_t d = 0; d < reduced.size(); ++d)
    if (!reduced[d]) shape.push_back(x.shape()[d]);
    else if (o.keepdims) shape.push_back(1);
  return reshaped(y, shape, where);
}
Tensor fraction(const Tensor& p, Where where) {
  CallerLine line(where);
  return p / 100.0;
}
}  // namespace

Tensor quantile(const Tensor& x, const Tensor& q, const QuantileOptions& o, Where where) {
  check_probabilities("quantile", q, 1, where);
  return quantile_of("quantile", x, q, o, where);
}
Tensor quantile(const Tensor& x, const Tensor& q, int axis, Where where) { return quantile(x, q, {.axis = axis}, where); }

Tensor percentile(const Tensor& x, const Tensor& p, const QuantileOptions& o, Where where) {
  check_probabilities("percentile", p, 100, where);
  return quantile_of("percentile", x, fraction(p, where), o, where);
}
Tensor percentile(const Tensor& x, const Tensor& p, int axis, Where where) { return percentile(x, p, {.axis = axis}, where); }

Tensor median(const Tensor& x, const QuantileOptions& o, Where where) { return quantile_of("median", x, 0.5, o, where); }
Tensor median(const Tensor& x, int axis, Where where) { return median(x, {.axis = axis}, where); }

}  // namespace nuthatch
