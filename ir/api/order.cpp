// Order statistics: positions come from one operation, argsort; values are gathered, so they have derivatives.
#include <limits>

#include "ir/api/index_plan.h"
#include "nuthatch/array.h"
#include "nuthatch/math.h"

namespace nuthatch {
using namespace detail;

namespace {
Tensor order_of(const char* op, const std::vector<Tensor>& keys, int axis, Where where) {
  const Shape& shape = checked(op, keys.front(), where).type.shape;
  return emit_one("argsort", keys, {{"dim", std::int64_t(axis_of(op, axis, shape.size(), shape, where))}}, where);
}

/// x [batch..., n] at indices [batch..., k] that lie in [0, n): [batch..., k].
Tensor gather_last(const Tensor& x, const Tensor& indices, Where where) {
  const std::int64_t last = std::int64_t(x.shape().size()) - 1;
  Ints leading;
  for (std::int64_t d = 0; d < last; ++d) leading.push_back(d);
  Shape column = indices.shape();
  column.push_back(1);
  return emit_one("gather", {x, reshaped(indices, column, where)},
                  {{"offset_dims", Ints{}},
                   {"collapsed_dims", Ints{last}},
                   {"operand_batch_dims", leading},
                   {"indices_batch_dims", leading},
                   {"index_map", Ints{last}},
                   {"slice_sizes", Ints(x.shape().size(), 1)}},
                  where);
}

/// NumPy's interpolation between neighbours a and b, from the nearer one; neighbours that are equal stay as they are,
/// infinite ones too.
Tensor between(const Tensor& a, const Tensor& b, const Tensor& t) {
  Tensor equal = a == b, step = select(equal, 0.0, b - a);
  return select(equal, a, select(t >= 0.5, b - step * (1.0 - t), a + step * t));
}

void check_probabilities(const char* op, const Tensor& q, double scale, Where where) {
  if (checked(op, q, where).type.shape.size() > 1) fail(op, "probabilities are a scalar or a vector, not " + describe(q), where);
  if (!q.is_concrete()) return;
  for (double p : q.to_vector(where))
    if (!(p >= 0 && p <= scale))
      fail(op, (scale == 1 ? "probability " : "percentage ") + std::to_string(p) + " is outside [0, " + std::to_string(int(scale)) + "]", where);
}

/// Quantiles along the last dimension of [batch..., n]; q is a vector. The result is [number of q, batch...].
Tensor quantiles_of_rows(const Tensor& rows, const Tensor& q, Where where) {
  CallerLine line(where);
  const std::int64_t n = rows.shape().back();
  Tensor sorted = sort(rows, -1, where);
  Tensor at = q * double(n - 1), low = floor(at), t = at - low;
  Tensor first = minimum(maximum(low.cast(i64), 0), n - 1), second = minimum(first + 1, n - 1);
  auto pick = [&](const Tensor& position) { return take(sorted, position, -1, where); };
  Tensor value = between(pick(first), pick(second), t);
  Tensor has_nan = isnan(take(sorted, Tensor(n - 1), -1, where));
  value = select(expand_dims(has_nan, -1), std::numeric_limits<double>::quiet_NaN(), value);
  return moveaxis(value, -1, 0, where);
}
}  // namespace

Tensor argsort(const Tensor& x, int axis, Where where) { return order_of("argsort", {x}, axis, where); }

Tensor sort(const Tensor& x, int axis, Where where) {
  checked("sort", x, where);
  const int dim = axis_of("sort", axis, x.shape().size(), x.shape(), where);
  Tensor moved = moveaxis(x, dim, -1, where);
  if (moved.size() == 0) return x;
  return moveaxis(gather_last(moved, order_of("sort", {moved}, -1, where), where), -1, dim, where);
}

Tensor quantile(const Tensor& x, const Tensor& q, int axis, Where where) {
  checked("quantile", x, where);
  check_probabilities("quantile", q, 1, where);
  const int dim = axis_of("quantile", axis, x.shape().size(), x.shape(), where);
  if (x.size() == 0) fail("quantile", "no elements in shape " + to_string(x.shape()), where);
  Tensor rows = to_float("quantile", moveaxis(x, dim, -1, where), where);
  Tensor p = to_float("quantile", q, where);
  Tensor y = quantiles_of_rows(rows, p.ndim() ? p : reshaped(p, {1}, where), where);
  if (q.ndim()) return y;
  Shape shape = y.shape();
  shape.erase(shape.begin());
  return reshaped(y, shape, where);
}
Tensor quantile(const Tensor& x, const Tensor& q, Where where) { return quantile(flatten(x, where), q, 0, where); }

Tensor percentile(const Tensor& x, const Tensor& p, Where where) {
  check_probabilities("percentile", p, 100, where);
  CallerLine line(where);
  return quantile(x, p / 100.0, where);
}
Tensor percentile(const Tensor& x, const Tensor& p, int axis, Where where) {
  check_probabilities("percentile", p, 100, where);
  CallerLine line(where);
  return quantile(x, p / 100.0, axis, where);
}
Tensor median(const Tensor& x, Where where) { return quantile(x, 0.5, where); }
Tensor median(const Tensor& x, int axis, Where where) { return quantile(x, 0.5, axis, where); }

}  // namespace nuthatch
