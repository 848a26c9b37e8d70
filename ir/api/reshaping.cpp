#include <algorithm>
#include <numeric>

#include "ir/api/operands.h"
#include "nuthatch/array.h"

namespace nuthatch {
using namespace detail;

namespace {
Ints identity(const Tensor& x) {
  Ints perm(x.shape().size());
  std::iota(perm.begin(), perm.end(), 0);
  return perm;
}
}  // namespace

Tensor reshape(const Tensor& x, const Shape& shape, Where where) {
  const Shape& from = checked("reshape", x, where).type.shape;
  Shape to = shape;
  std::int64_t known = 1, open = -1;
  for (std::size_t d = 0; d < to.size(); ++d) {
    if (to[d] == -1 && open < 0)
      open = std::int64_t(d);
    else if (to[d] < 0)
      fail("reshape", to[d] == -1 ? "more than one -1 in " + to_string(shape) : "negative extent in shape " + to_string(shape), where);
    else
      known *= to[d];
  }
  const std::int64_t n = from.num_elements();
  if (open >= 0) to[std::size_t(open)] = known ? n / known : 0;
  if (to.num_elements() != n || (open >= 0 && known == 0))
    fail("reshape", "cannot reshape " + to_string(from) + " into " + to_string(shape), where);
  return reshaped(x, to, where);
}

Tensor flatten(const Tensor& x, Where where) { return reshape(x, {-1}, where); }

Tensor transpose(const Tensor& x, Where where) {
  checked("transpose", x, where);
  Ints perm = identity(x);
  std::reverse(perm.begin(), perm.end());
  return transposed(x, perm, where);
}
Tensor transpose(const Tensor& x, const std::vector<int>& axes, Where where) {
  checked("transpose", x, where);
  Ints perm;
  for (int a : axes) perm.push_back(axis_in("transpose", x, a, where));
  Ints sorted = perm;
  std::sort(sorted.begin(), sorted.end());
  if (sorted != identity(x)) fail("transpose", "axes are not a permutation of those of shape " + to_string(x.shape()), where);
  return transposed(x, perm, where);
}
Tensor swapaxes(const Tensor& x, int a, int b, Where where) {
  const int i = axis_in("swapaxes", x, a, where), j = axis_in("swapaxes", x, b, where);
  Ints perm = identity(x);
  std::swap(perm[std::size_t(i)], perm[std::size_t(j)]);
  return transposed(x, perm, where);
}
Tensor moveaxis(const Tensor& x, int source, int destination, Where where) {
  const int from = axis_in("moveaxis", x, source, where), to = axis_in("moveaxis", x, destination, where);
  Ints perm = identity(x);
  perm.erase(perm.begin() + from);
  perm.insert(perm.begin() + to, from);
  return transposed(x, perm, where);
}

Tensor broadcast_to(const Tensor& x, const Shape& shape, Where where) {
  const Shape& from = checked("broadcast_to", x, where).type.shape;
  if (from.size() > shape.size() || broadcast_shape("broadcast_to", from, shape, where) != shape)
    fail("broadcast_to", "cannot broadcast " + to_string(from) + " to " + to_string(shape), where);
  return expand(x, shape, where);
}
Shape broadcast_shapes(const std::vector<Shape>& shapes, Where where) {
  Shape out;
  for (const auto& s : shapes) out = broadcast_shape("broadcast_shapes", out, s, where);
  return out;
}

Tensor expand_dims(const Tensor& x, int axis, Where where) {
  Shape shape = checked("expand_dims", x, where).type.shape;
  shape.insert(shape.begin() + axis_of("expand_dims", axis, shape.size() + 1, shape, where), 1);
  return reshaped(x, shape, where);
}
Tensor squeeze(const Tensor& x, Where where) {
  Shape shape;
  for (auto n : checked("squeeze", x, where).type.shape)
    if (n != 1) shape.push_back(n);
  return reshaped(x, shape, where);
}
Tensor squeeze(const Tensor& x, int axis, Where where) {
  const int d = axis_in("squeeze", x, axis, where);
  Shape shape = x.shape();
  if (shape[std::size_t(d)] != 1) fail("squeeze", "axis " + std::to_string(axis) + " of shape " + to_string(shape) + " does not have extent 1", where);
  shape.erase(shape.begin() + d);
  return reshaped(x, shape, where);
}

Tensor flip(const Tensor& x, int axis, Where where) {
  return emit_one("reverse", {x}, {{"dims", Ints{axis_in("flip", x, axis, where)}}}, where);
}

}  // namespace nuthatch
