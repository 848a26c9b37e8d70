// Order statistics of data, computed on the host.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "ir/api/operands.h"
#include "nuthatch/array.h"

namespace nuthatch {
using namespace detail;

namespace {
/// A tensor as rows along one axis, which comes last.
struct Rows {
  Tensor moved;
  std::vector<double> values;
  std::int64_t count, length;

  Rows(const char* op, const Tensor& x, int axis, Where where) {
    const Value& v = checked(op, x, where);
    if (!v.concrete())
      fail(op, "of a traced value of shape " + to_string(v.type.shape) + "; order statistics are for data, outside traced functions", where);
    moved = moveaxis(x, axis_of(op, axis, v.type.shape.size(), v.type.shape, where), -1, where);
    values = moved.to_vector(where);
    length = moved.shape().back();
    count = length ? moved.size() / length : 0;
  }
  const double* row(std::int64_t r) const { return values.data() + r * length; }
};

bool before(double a, double b) { return std::isnan(a) ? false : std::isnan(b) || a < b; }

/// Between the two order statistics around (n - 1) q; x is sorted, NaN last.
double interpolated(const double* x, std::int64_t n, double q) {
  if (std::isnan(x[n - 1])) return NAN;
  const double at = q * double(n - 1), low = std::floor(at);
  const auto i = std::int64_t(low);
  if (i + 1 >= n) return x[n - 1];
  const double t = at - low;
  return x[i] == x[i + 1] ? x[i] : x[i] + t * (x[i + 1] - x[i]);
}
}  // namespace

Tensor argsort(const Tensor& x, int axis, Where where) {
  const Rows rows("argsort", x, axis, where);
  Array order(i64, rows.moved.shape());
  for (std::int64_t r = 0; r < rows.count; ++r) {
    auto* out = order.as<std::int64_t>() + r * rows.length;
    std::iota(out, out + rows.length, 0);
    std::stable_sort(out, out + rows.length, [&](auto i, auto j) { return before(rows.row(r)[i], rows.row(r)[j]); });
  }
  return moveaxis(wrap(concrete(std::move(order), false, where)), -1, axis, where);
}

Tensor sort(const Tensor& x, int axis, Where where) {
  const Rows rows("sort", x, axis, where);
  // By index, so that every dtype keeps its bits.
  const Shape flat{rows.count * rows.length};
  Tensor order = argsort(rows.moved, -1, where);
  if (flat[0] == 0) return x;
  Tensor offset = reshape(arange(0, flat[0], rows.length, where), {rows.count, 1}, where);
  Tensor at = reshape(order, {rows.count, rows.length}, where) + offset;
  Tensor sorted = take(reshape(rows.moved, flat, where), reshape(at, flat, where), 0, where);
  return moveaxis(reshape(sorted, rows.moved.shape(), where), -1, axis, where);
}

Tensor quantile(const Tensor& x, const Tensor& q, int axis, Where where) {
  const Rows rows("quantile", x, axis, where);
  if (rows.length == 0) fail("quantile", "no elements in shape " + to_string(x.shape()), where);
  const std::vector<double> probabilities = q.to_vector(where);
  if (q.ndim() > 1) fail("quantile", "probabilities are a scalar or a vector, not " + describe(q), where);
  for (double p : probabilities)
    if (!(p >= 0 && p <= 1)) fail("quantile", "probability " + std::to_string(p) + " is outside [0, 1]", where);
  Shape shape = q.shape();
  shape.insert(shape.end(), rows.moved.shape().begin(), rows.moved.shape().end() - 1);
  Array out(f64, shape);
  for (std::int64_t r = 0; r < rows.count; ++r) {
    std::vector<double> sorted(rows.row(r), rows.row(r) + rows.length);
    std::sort(sorted.begin(), sorted.end(), before);
    for (std::size_t k = 0; k < probabilities.size(); ++k)
      out.as<double>()[std::int64_t(k) * rows.count + r] = interpolated(sorted.data(), rows.length, probabilities[k]);
  }
  return wrap(concrete(std::move(out), false, where));
}
Tensor quantile(const Tensor& x, const Tensor& q, Where where) { return quantile(flatten(x, where), q, 0, where); }

Tensor percentile(const Tensor& x, const Tensor& p, Where where) {
  CallerLine line(where);
  return quantile(x, p / 100.0, where);
}
Tensor percentile(const Tensor& x, const Tensor& p, int axis, Where where) {
  CallerLine line(where);
  return quantile(x, p / 100.0, axis, where);
}
Tensor median(const Tensor& x, Where where) { return quantile(x, 0.5, where); }
Tensor median(const Tensor& x, int axis, Where where) { return quantile(x, 0.5, axis, where); }

}  // namespace nuthatch
