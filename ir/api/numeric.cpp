#include "nuthatch/numeric.h"

#include <limits>

#include "ir/api/operands.h"
#include "nuthatch/array.h"
#include "nuthatch/index.h"
#include "nuthatch/linalg.h"

namespace nuthatch {
using namespace detail;

namespace {
/// Elements [from, n - until) of the last dimension.
Tensor inner_part(const Tensor& x, std::int64_t from, std::int64_t until) {
  return x(ellipsis, slice(from, x.shape().back() - until));
}
/// x with the axis last, as floating point, and at least `least` elements along it.
Tensor samples(const char* op, const Tensor& x, int axis, std::int64_t least, Where where) {
  Tensor y = moveaxis(to_float(op, x, where), axis, -1, where);
  if (y.shape().back() < least)
    fail(op, "axis " + std::to_string(axis) + " of shape " + to_string(x.shape()) + " has fewer than " + std::to_string(least) + " samples", where);
  return y;
}
void check_coordinates(const char* op, const Tensor& x, std::int64_t n, Where where) {
  if (checked(op, x, where).type.shape != Shape{n}) fail(op, "coordinates of shape " + to_string(x.shape()) + " for " + std::to_string(n) + " samples", where);
}
}  // namespace

//===------------------------------ samples of a function ------------------------===//

Tensor gradient(const Tensor& f, double spacing, int axis, Where where) {
  Tensor y = samples("gradient", f, axis, 2, where);
  CallerLine line(where);
  const std::int64_t n = y.shape().back();
  Tensor step = inner_part(y, 1, 0) - inner_part(y, 0, 1);
  std::vector<Tensor> parts{inner_part(step, 0, n - 2) / spacing};
  if (n > 2) parts.push_back((inner_part(y, 2, 0) - inner_part(y, 0, 2)) / (2.0 * spacing));
  parts.push_back(inner_part(step, n - 2, 0) / spacing);
  return moveaxis(concat(parts, -1), -1, axis);
}
Tensor gradient(const Tensor& f, const Tensor& x, int axis, Where where) {
  Tensor y = samples("gradient", f, axis, 2, where);
  const std::int64_t n = y.shape().back();
  check_coordinates("gradient", x, n, where);
  CallerLine line(where);
  Tensor h = diff(x), slope = diff(y) / h;
  std::vector<Tensor> parts{inner_part(slope, 0, n - 2)};
  // The slopes on both sides, each weighted with the other step.
  if (n > 2) {
    Tensor before = inner_part(h, 0, 1), after = inner_part(h, 1, 0);
    parts.push_back((after * inner_part(slope, 0, 1) + before * inner_part(slope, 1, 0)) / (before + after));
  }
  parts.push_back(inner_part(slope, n - 2, 0));
  return moveaxis(concat(parts, -1), -1, axis);
}

Tensor trapezoid(const Tensor& f, double dx, int axis, Where where) {
  Tensor y = samples("trapezoid", f, axis, 1, where);
  CallerLine line(where);
  return sum((inner_part(y, 1, 0) + inner_part(y, 0, 1)) * (0.5 * dx), -1);
}
Tensor trapezoid(const Tensor& f, const Tensor& x, int axis, Where where) {
  Tensor y = samples("trapezoid", f, axis, 1, where);
  check_coordinates("trapezoid", x, y.shape().back(), where);
  CallerLine line(where);
  return sum(diff(x) * (inner_part(y, 1, 0) + inner_part(y, 0, 1)) * 0.5, -1);
}

Tensor interp(const Tensor& x, const Tensor& xp, const Tensor& fp, const InterpOptions& o, Where where) {
  const Shape& points = checked("interp", xp, where).type.shape;
  if (points.size() != 1 || points[0] < 1 || checked("interp", fp, where).type.shape != points)
    fail("interp", "points " + to_string(points) + " and values " + to_string(fp.shape()) + " are not two vectors of one length", where);
  Tensor v = to_float("interp", x, where), px = to_float("interp", xp, where), py = to_float("interp", fp, where);
  CallerLine line(where);
  const std::int64_t n = points[0];
  Tensor left = o.left ? Tensor(*o.left) : py[0], right = o.right ? Tensor(*o.right) : py[n - 1];
  Tensor y = py[0];
  if (n > 1) {
    Tensor j = clamp(searchsorted(px, v, Side::right) - 1, 0, n - 2);
    Tensor x0 = take(px, j), y0 = take(py, j), width = take(px, j + 1) - x0;
    y = y0 + (v - x0) * ((take(py, j + 1) - y0) / width);
    y = select(v == px[n - 1], py[n - 1], y);
  }
  return select(isnan(v), v, select(v < px[0], left, select(v > px[n - 1], right, y)));
}

// The longer vector, padded, as the rows of its windows, times the shorter one reversed.
Tensor convolve(const Tensor& x, const Tensor& y, ConvolveMode mode, Where where) {
  for (const Tensor& operand : {x, y})
    if (checked("convolve", operand, where).type.shape.size() != 1 || operand.size() == 0)
      fail("convolve", "needs two vectors that are not empty, not shapes " + to_string(x.shape()) + " and " + to_string(y.shape()), where);
  const Dtype promoted = promote("convolve", x, y, where), dtype = promoted == bool_ ? i64 : promoted;
  CallerLine line(where);
  const bool swap = x.size() < y.size();
  Tensor a = convert(swap ? y : x, dtype, where), v = convert(swap ? x : y, dtype, where);
  const std::int64_t m = a.size(), n = v.size();
  // Elements missing at both ends: none for valid, all for full; of the odd one more in front, as NumPy.
  const std::int64_t front = mode == ConvolveMode::valid ? 0 : mode == ConvolveMode::full ? n - 1 : n / 2;
  const std::int64_t back = mode == ConvolveMode::valid ? 0 : mode == ConvolveMode::full ? n - 1 : (n - 1) / 2;
  Tensor padded = pad(a, {{front, back}}, literal(0, dtype));
  const std::int64_t length = m + front + back - n + 1;
  Tensor windows = take(padded, expand_dims(arange(length), 1) + arange(n));
  return matmul(windows, flip(v));
}

Tensor polyval(const Tensor& p, const Tensor& x, Where where) {
  const Shape& s = checked("polyval", p, where).type.shape;
  if (s.size() != 1) fail("polyval", "coefficients are a vector, not shape " + to_string(s), where);
  CallerLine line(where);
  const Dtype dtype = promote("polyval", p, x, where);
  Tensor y = zeros(x.shape(), dtype), at = convert(x, dtype, where), c = convert(p, dtype, where);
  for (std::int64_t k = 0; k < s[0]; ++k) y = y * at + c[k];
  return y;
}

//===------------------------------------ moments --------------------------------===//

Tensor average(const Tensor& x, const Tensor& weights, const ReduceOptions& o, Where where) {
  Tensor v = to_float("average", x, where), w = to_float("average", weights, where);
  if (w.shape() != v.shape()) {
    if (o.axis.all() || o.axis.list().size() != 1 || w.ndim() != 1)
      fail("average", "weights " + to_string(w.shape()) + " for shape " + to_string(v.shape()) + " need one axis", where);
    const int dim = axis_of("average", o.axis.list()[0], v.shape().size(), v.shape(), where);
    if (w.size() != v.shape()[std::size_t(dim)])
      fail("average", std::to_string(w.size()) + " weights for axis " + std::to_string(dim) + " of shape " + to_string(v.shape()), where);
    Shape along(v.shape().size(), 1);
    along[std::size_t(dim)] = w.size();
    w = expand(reshaped(w, along, where), v.shape(), where);
  }
  CallerLine line(where);
  return sum(v * w, o) / sum(w, o);
}

Tensor var(const Tensor& x, const VarianceOptions& o, Where where) { return variance(x, o, where); }
Tensor var(const Tensor& x, int axis, Where where) { return variance(x, axis, where); }

Tensor cov(const Tensor& x, const CovOptions& o, Where where) {
  Tensor v = to_float("cov", x, where);
  if (v.ndim() > 2 || v.ndim() == 0) fail("cov", "needs one vector or matrix, not shape " + to_string(v.shape()), where);
  CallerLine line(where);
  const bool single = v.ndim() == 1;
  if (single) v = expand_dims(v, 0);
  else if (!o.rowvar) v = transpose(v);
  Tensor centred = v - mean(v, {.axis = 1, .keepdims = true});
  Tensor c = matmul(centred, transpose(centred)) / double(v.shape()[1] - o.ddof);
  return single ? reshape(c, {}) : c;
}
Tensor corrcoef(const Tensor& x, const CovOptions& o, Where where) {
  Tensor c = cov(x, o, where);
  CallerLine line(where);
  if (c.ndim() == 0) return c / c;
  Tensor s = sqrt(diagonal(c));
  return clamp(c / expand_dims(s, 1) / s, -1.0, 1.0);
}

//===---------------------------------- elementwise ------------------------------===//

Tensor clip(const Tensor& x, const Tensor& low, const Tensor& high, Where where) { return clamp(x, low, high, where); }

Tensor nan_to_num(const Tensor& x, const NanToNumOptions& o, Where where) {
  if (!is_float(checked("nan_to_num", x, where).type.dtype)) return x;
  CallerLine line(where);
  const double largest = x.dtype() == f32 ? double(std::numeric_limits<float>::max()) : std::numeric_limits<double>::max();
  Tensor y = select(isnan(x), o.nan, x);
  return select(isinf(x), select(x > 0.0, o.posinf.value_or(largest), o.neginf.value_or(-largest)), y);
}

Tensor isclose(const Tensor& a, const Tensor& b, const CloseOptions& o, Where where) {
  Tensor x = to_float("isclose", a, where), y = to_float("isclose", b, where);
  CallerLine line(where);
  Tensor close = select(isfinite(x) & isfinite(y), abs(x - y) <= o.atol + o.rtol * abs(y), x == y);
  return o.equal_nan ? close | (isnan(x) & isnan(y)) : close;
}
Tensor allclose(const Tensor& a, const Tensor& b, const CloseOptions& o, Where where) { return all_of(isclose(a, b, o, where), ReduceOptions{}, where); }

}  // namespace nuthatch
