// Joining, repeating, padding, differences.
#include "ir/api/operands.h"
#include "nuthatch/array.h"

namespace nuthatch {
using namespace detail;

namespace {
Tensor joined(const std::vector<Tensor>& xs, std::size_t dim, Where where) {
  return xs.size() == 1 ? xs[0] : emit_one("concatenate", xs, {{"dim", std::int64_t(dim)}}, where);
}
}  // namespace

Tensor concat(const std::vector<Tensor>& xs, int axis, Where where) {
  const Dtype dtype = promote("concat", xs, where);
  const std::size_t dim = axis_in("concat", xs[0], axis, where);
  std::vector<Tensor> parts;
  for (const auto& x : xs) {
    Shape a = xs[0].shape(), b = x.shape();
    if (a.size() == b.size()) a[dim] = b[dim] = 0;
    if (a != b)
      fail("concat", "shapes " + to_string(xs[0].shape()) + " and " + to_string(x.shape()) + " differ outside axis " + std::to_string(axis), where);
    parts.push_back(convert(x, dtype, where));
  }
  return joined(parts, dim, where);
}

Tensor stack(const std::vector<Tensor>& xs, int axis, Where where) {
  const Dtype dtype = promote("stack", xs, where);
  Shape shape = xs[0].shape();
  const int dim = axis_of("stack", axis, shape.size() + 1, shape, where);
  std::vector<Tensor> parts;
  Shape wide = shape;
  wide.insert(wide.begin() + dim, 1);
  for (const auto& x : xs) {
    if (x.shape() != shape) fail("stack", "shapes " + to_string(shape) + " and " + to_string(x.shape()) + " differ", where);
    parts.push_back(reshaped(convert(x, dtype, where), wide, where));
  }
  return joined(parts, std::size_t(dim), where);
}

Tensor roll(const Tensor& x, std::int64_t shift, int axis, Where where) {
  const std::size_t dim = axis_in("roll", x, axis, where);
  const std::int64_t n = x.shape()[dim];
  const std::int64_t s = n ? ((shift % n) + n) % n : 0;
  if (s == 0) return x;
  return joined({part(x, dim, n - s, n, where), part(x, dim, 0, n - s, where)}, dim, where);
}

Tensor repeat(const Tensor& x, std::int64_t n, int axis, Where where) {
  const std::size_t dim = axis_in("repeat", x, axis, where);
  if (n < 0) fail("repeat", std::to_string(n) + " times", where);
  Shape wide = x.shape(), out = x.shape();
  wide.insert(wide.begin() + std::int64_t(dim) + 1, n);
  out[dim] *= n;
  Ints dims;
  for (std::size_t d = 0; d < wide.size(); ++d)
    if (d != dim + 1) dims.push_back(std::int64_t(d));
  return reshaped(emit_one("broadcast", {x}, {{"shape", Ints(wide)}, {"dims", dims}}, where), out, where);
}

Tensor tile(const Tensor& x, const Shape& counts, Where where) {
  const Shape& from = checked("tile", x, where).type.shape;
  const std::size_t rank = std::max(from.size(), counts.size());
  // [c0, n0, c1, n1, ...], then pairs merged.
  Shape wide, out;
  Ints dims;
  for (std::size_t d = 0; d < rank; ++d) {
    const std::int64_t c = d + counts.size() >= rank ? counts[d + counts.size() - rank] : 1;
    if (c < 0) fail("tile", "negative count in " + to_string(counts), where);
    const bool has = d + from.size() >= rank;
    const std::int64_t n = has ? from[d + from.size() - rank] : 1;
    wide.push_back(c);
    if (has) dims.push_back(std::int64_t(wide.size()));
    wide.push_back(n);
    out.push_back(c * n);
  }
  return reshaped(emit_one("broadcast", {x}, {{"shape", Ints(wide)}, {"dims", dims}}, where), out, where);
}

Tensor pad(const Tensor& x, const std::vector<std::pair<std::int64_t, std::int64_t>>& widths, const Tensor& value, Where where) {
  const Shape& shape = checked("pad", x, where).type.shape;
  if (widths.size() != shape.size())
    fail("pad", std::to_string(widths.size()) + " pairs of widths for shape " + to_string(shape), where);
  if (!checked("pad", value, where).type.shape.empty()) fail("pad", "the value is a scalar, not " + describe(value), where);
  Ints low, high;
  for (auto [before, after] : widths) {
    if (before < 0 || after < 0) fail("pad", "a negative width", where);
    low.push_back(before);
    high.push_back(after);
  }
  return emit_one("pad", {x, convert(value, x.dtype(), where)},
                  {{"low", low}, {"high", high}, {"interior", Ints(shape.size(), 0)}}, where);
}

Tensor diff(const Tensor& x, int axis, Where where) {
  const std::size_t dim = axis_in("diff", x, axis, where);
  const std::int64_t n = x.shape()[dim];
  if (n == 0) fail("diff", "axis " + std::to_string(axis) + " of shape " + to_string(x.shape()) + " is empty", where);
  return binary(Binary::sub, "diff", part(x, dim, 1, n, where), part(x, dim, 0, n - 1, where), where);
}

}  // namespace nuthatch
