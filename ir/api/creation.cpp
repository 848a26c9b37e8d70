#include <algorithm>

#include "ir/api/operands.h"
#include "nuthatch/array.h"

namespace nuthatch {
using namespace detail;

namespace {
constexpr std::int64_t max_elements = std::int64_t(1) << 48;  // no machine holds more

Shape extents(const char* op, const Shape& shape, Where where) {
  std::int64_t elements = 1;
  for (auto n : shape)
    if (n < 0) fail(op, "negative extent in shape " + to_string(shape), where);
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return shape;
  for (auto n : shape)
    if (__builtin_mul_overflow(elements, n, &elements) || elements > max_elements)
      fail(op, "shape " + to_string(shape) + " is too large", where);
  return shape;
}
/// One literal, repeated; dtype no longer weak.
Tensor filled(const char* op, const Shape& shape, const Tensor& value, Dtype dtype, Where where) {
  Tensor v = convert(value, dtype, where);
  return extents(op, shape, where).empty() ? v.cast(dtype, where) : expand(v, shape, where);
}
}  // namespace

Tensor zeros(const Shape& shape, Dtype dtype, Where where) { return filled("zeros", shape, literal(0, dtype), dtype, where); }
Tensor ones(const Shape& shape, Dtype dtype, Where where) { return filled("ones", shape, literal(1, dtype), dtype, where); }
Tensor full(const Shape& shape, const Tensor& value, Where where) {
  const Value& v = checked("full", value, where);
  if (!v.type.shape.empty()) fail("full", "the value is a scalar, not " + describe(value), where);
  return filled("full", shape, value, v.type.dtype, where);
}
Tensor zeros_like(const Tensor& x, Where where) {
  const Value& v = checked("zeros_like", x, where);
  return zeros(v.type.shape, v.type.dtype, where);
}
Tensor ones_like(const Tensor& x, Where where) {
  const Value& v = checked("ones_like", x, where);
  return ones(v.type.shape, v.type.dtype, where);
}
Tensor full_like(const Tensor& x, const Tensor& value, Where where) {
  const Value& v = checked("full_like", x, where);
  return full(v.type.shape, convert(value, v.type.dtype, where), where);
}

Tensor eye(std::int64_t n, Dtype dtype, Where where) {
  const Shape shape = extents("eye", {n, n}, where);
  return convert(compare(Compare::eq, "eye", iota(i64, shape, 0, where), iota(i64, shape, 1, where), where), dtype, where);
}

Tensor arange(std::int64_t n, Where where) { return iota(i64, extents("arange", {n}, where), 0, where); }
Tensor arange(std::int64_t start, std::int64_t stop, std::int64_t step, Where where) {
  if (step == 0) fail("arange", "step 0", where);
  const std::int64_t span = step > 0 ? stop - start : start - stop, size = step > 0 ? step : -step;
  Tensor k = iota(i64, {span > 0 ? (span + size - 1) / size : 0}, 0, where);
  if (step != 1) k = binary(Binary::mul, "arange", k, literal_integer(step), where);
  return start == 0 ? k : binary(Binary::add, "arange", k, literal_integer(start), where);
}

// a + i (b - a) / (n - 1), the last element exactly b.
Tensor linspace(double a, double b, std::int64_t n, Where where) {
  if (n < 1) fail("linspace", "needs at least one value, not " + std::to_string(n), where);
  Array x(f64, {n});
  for (std::int64_t i = 0; i < n; ++i) x.as<double>()[i] = i == n - 1 && n > 1 ? b : a + double(i) * ((b - a) / double(std::max<std::int64_t>(n - 1, 1)));
  return constant(std::move(x), where);
}

}  // namespace nuthatch
