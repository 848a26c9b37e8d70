#include "nuthatch/grids.h"

#include <cmath>

#include "ir/api/operands.h"
#include "nuthatch/math.h"

namespace nuthatch {
using namespace detail;

namespace {
void check_count(const char* op, std::int64_t n, Where where) {
  if (n < 1) fail(op, "needs at least one value, not " + std::to_string(n), where);
}
template <class F> Tensor table(std::int64_t n, Where where, F&& value) {
  Array x(f64, {n});
  for (std::int64_t i = 0; i < n; ++i) x.as<double>()[i] = value(i);
  return constant(std::move(x), where);
}
}  // namespace

Tensor detail::real_range(double start, double stop, double step, Where where) {
  const double count = std::ceil((stop - start) / step);
  if (!(step != 0) || !std::isfinite(count) || count > 1e15)
    fail("arange", "from " + std::to_string(start) + " to " + std::to_string(stop) + " by " + std::to_string(step), where);
  return table(count > 0 ? std::int64_t(count) : 0, where, [&](std::int64_t i) { return start + double(i) * step; });
}

Tensor eye(std::int64_t n, std::int64_t m, int k, Dtype dtype, Where where) {
  if (n < 0 || m < 0) fail("eye", "negative extent in shape " + to_string(Shape{n, m}), where);
  Tensor row = binary(Binary::add, "eye", iota(i64, {n, m}, 0, where), literal_integer(k), where);
  return convert(compare(Compare::eq, "eye", row, iota(i64, {n, m}, 1, where), where), dtype, where);
}

Tensor linspace(const Tensor& a, const Tensor& b, std::int64_t n, const LinspaceOptions& o, Where where) {
  check_count("linspace", n, where);
  Tensor from = to_float("linspace", a, where), to = to_float("linspace", b, where);
  unify("linspace", {&from, &to}, {}, where);
  CallerLine line(where);
  const std::int64_t steps = o.endpoint ? n - 1 : n;
  Shape column(from.shape().size() + 1, 1);
  column[0] = n;
  Tensor i = reshape(arange(n).cast(from.dtype()), column);
  Tensor y = from + i * ((to - from) / double(std::max<std::int64_t>(steps, 1)));
  return o.endpoint && n > 1 ? select(i == double(n - 1), to, y) : y;
}

Tensor logspace(double a, double b, std::int64_t n, double base, Where where) {
  check_count("logspace", n, where);
  const double step = (b - a) / double(std::max<std::int64_t>(n - 1, 1));
  return table(n, where, [&](std::int64_t i) { return std::pow(base, i == n - 1 && n > 1 ? b : a + double(i) * step); });
}
Tensor geomspace(double a, double b, std::int64_t n, Where where) {
  check_count("geomspace", n, where);
  if (!(a * b > 0)) fail("geomspace", "from " + std::to_string(a) + " to " + std::to_string(b) + ": both need one sign and not be 0", where);
  const double step = std::log(b / a) / double(std::max<std::int64_t>(n - 1, 1));
  return table(n, where, [&](std::int64_t i) { return i == 0 ? a : i == n - 1 ? b : a * std::exp(double(i) * step); });
}

std::vector<Tensor> meshgrid(const std::vector<Tensor>& axes, Indexing indexing, Where where) {
  Shape shape;
  for (const auto& x : axes) {
    if (checked("meshgrid", x, where).type.shape.size() > 1) fail("meshgrid", "needs vectors, not shape " + to_string(x.shape()), where);
    shape.push_back(x.size());
  }
  auto place = [&](std::size_t k) { return indexing == Indexing::xy && axes.size() > 1 && k < 2 ? 1 - k : k; };
  if (indexing == Indexing::xy && axes.size() > 1) std::swap(shape[0], shape[1]);
  std::vector<Tensor> out;
  for (std::size_t k = 0; k < axes.size(); ++k) {
    Shape along(axes.size(), 1);
    along[place(k)] = axes[k].size();
    out.push_back(expand(reshaped(axes[k], along, where), shape, where));
  }
  return out;
}

Tensor concatenate(const std::vector<Tensor>& xs, int axis, Where where) { return concat(xs, axis, where); }

std::vector<Tensor> split(const Tensor& x, int sections, int axis, Where where) {
  const std::size_t dim = axis_in("split", x, axis, where);
  const std::int64_t n = x.shape()[dim];
  if (sections < 1 || n % sections)
    fail("split", "axis " + std::to_string(axis) + " of shape " + to_string(x.shape()) + " into " + std::to_string(sections) + " equal parts", where);
  std::vector<Tensor> out;
  for (int k = 0; k < sections; ++k) out.push_back(part(x, dim, n / sections * k, n / sections * (k + 1), where));
  return out;
}
std::vector<Tensor> split(const Tensor& x, const std::vector<std::int64_t>& at, int axis, Where where) {
  const std::size_t dim = axis_in("split", x, axis, where);
  const std::int64_t n = x.shape()[dim];
  std::vector<Tensor> out;
  std::int64_t from = 0;
  for (std::size_t k = 0; k <= at.size(); ++k) {
    const std::int64_t to = k < at.size() ? at[k] : n;
    if (to < from || to > n)
      fail("split", "positions " + to_string(Shape(at)) + " do not ascend within axis " + std::to_string(axis) + " of shape " + to_string(x.shape()), where);
    out.push_back(part(x, dim, from, to, where));
    from = to;
  }
  return out;
}

// Position (i, i + offset) of an n x m matrix is i (m + 1) + offset in the flat one.
Tensor diagonal(const Tensor& x, int offset, Where where) {
  Shape flat = checked("diagonal", x, where).type.shape;
  if (flat.size() < 2) fail("diagonal", "needs matrices, not shape " + to_string(flat), where);
  const std::int64_t m = flat.back(), n = flat[flat.size() - 2];
  const std::int64_t row = offset < 0 ? -std::int64_t(offset) : 0, column = offset > 0 ? offset : 0;
  const std::int64_t length = std::max<std::int64_t>(0, std::min(n - row, m - column));
  flat.pop_back();
  flat.back() = n * m;
  Ints start(flat.size(), 0), limit(flat), stride(flat.size(), 1);
  start.back() = length ? row * m + column : 0;
  limit.back() = length ? start.back() + (length - 1) * (m + 1) + 1 : 0;
  stride.back() = m + 1;
  return sliced(reshaped(x, flat, where), start, limit, stride, where);
}
Tensor trace(const Tensor& x, int offset, Where where) { return sum(diagonal(x, offset, where), -1, where); }

std::vector<Tensor> unravel_index(const Tensor& flat, const Shape& shape, Where where) {
  Tensor rest = to_index("unravel_index", flat, where);
  if (rest.is_concrete())
    for (auto i : rest.to_vector<std::int64_t>(where))
      if (i < 0 || i >= shape.num_elements()) fail("unravel_index", "position " + std::to_string(i) + " is outside shape " + to_string(shape), where);
  CallerLine line(where);
  std::vector<Tensor> out(shape.size());
  for (std::size_t d = shape.size(); d-- > 0;) {
    out[d] = rest % shape[d];
    rest = rest / shape[d];
  }
  return out;
}
Tensor ravel_multi_index(const std::vector<Tensor>& indices, const Shape& shape, Where where) {
  if (indices.size() != shape.size())
    fail("ravel_multi_index", std::to_string(indices.size()) + " coordinates for shape " + to_string(shape), where);
  CallerLine line(where);
  Tensor flat = literal_integer(0);
  for (std::size_t d = 0; d < shape.size(); ++d) {
    Tensor i = to_index("ravel_multi_index", indices[d], where);
    if (i.is_concrete())
      for (auto k : i.to_vector<std::int64_t>(where))
        if (k < 0 || k >= shape[d]) fail("ravel_multi_index", "coordinate " + std::to_string(k) + " of dimension " + std::to_string(d) + " is outside shape " + to_string(shape), where);
    flat = flat * shape[d] + i;
  }
  return flat;
}

}  // namespace nuthatch
