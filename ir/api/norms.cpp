// Norms of vectors and matrices, as numpy.linalg.norm.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "ir/api/matrix_batches.h"
#include "nuthatch/array.h"
#include "nuthatch/linalg.h"
#include "nuthatch/math.h"

namespace nuthatch {
using namespace detail;

NormOrder::NormOrder(const char* name, Where where) {
  if (std::strcmp(name, "fro") == 0) kind = Kind::frobenius;
  else if (std::strcmp(name, "nuc") == 0) kind = Kind::nuclear;
  else fail("norm", "the order \"" + std::string(name) + "\" is not \"fro\", \"nuc\" or a number", where);
}

namespace {
Tensor two_norm(const Tensor& x, const Axes& axes) { return sqrt(sum(square(x), {.axis = axes})); }

Tensor of_vectors(const Tensor& x, int axis, NormOrder order, Where where) {
  if (order.kind == NormOrder::Kind::frobenius || order.kind == NormOrder::Kind::nuclear)
    fail("norm", "\"fro\" and \"nuc\" are norms of matrices; of shape " + to_string(x.shape()) + " one axis is chosen", where);
  const double p = order.p;
  if (p == 2) return two_norm(x, axis);
  if (p == INFINITY) return max(abs(x), axis);
  if (p == -INFINITY) return min(abs(x), axis);
  if (p == 0) return sum((x != 0.0).cast(x.dtype()), axis);
  if (p == 1) return sum(abs(x), axis);
  return pow(sum(pow(abs(x), p), axis), 1 / p);
}

Tensor of_matrices(const Tensor& operand, int row, int column, NormOrder order, Where where) {
  if (order.kind == NormOrder::Kind::standard || order.kind == NormOrder::Kind::frobenius) return two_norm(operand, {row, column});
  Tensor x = operand;
  std::vector<int> perm;
  for (int d = 0; d < int(x.ndim()); ++d)
    if (d != row && d != column) perm.push_back(d);
  perm.insert(perm.end(), {row, column});
  x = transpose(x, perm);
  if (order.kind == NormOrder::Kind::nuclear) return sum(svdvals(x), -1);
  const double p = order.p;
  if (std::abs(p) == 1) {
    Tensor sums = sum(abs(x), -2);
    return p > 0 ? max(sums, -1) : min(sums, -1);
  }
  if (std::isinf(p)) {
    Tensor sums = sum(abs(x), -1);
    return p > 0 ? max(sums, -1) : min(sums, -1);
  }
  if (std::abs(p) == 2) return p > 0 ? max(svdvals(x), -1) : min(svdvals(x), -1);
  fail("norm", "order " + std::to_string(p) + " is not one of 1, -1, 2, -2, inf, -inf, \"fro\", \"nuc\" of matrices", where);
}
}  // namespace

Tensor norm(const Tensor& operand, const NormOptions& o, Where where) {
  Tensor x = to_float("norm", operand, where);
  CallerLine line(where);
  std::vector<int> axes;
  for (int a : o.axis.list()) axes.push_back(axis_of("norm", a, x.shape().size(), x.shape(), where));
  Tensor y;
  if (o.axis.all() && o.ord.kind == NormOrder::Kind::standard) {
    y = two_norm(x, {});
  } else {
    if (o.axis.all())
      for (int d = 0; d < int(x.ndim()); ++d) axes.push_back(d);
    if (axes.size() == 1) y = of_vectors(x, axes[0], o.ord, where);
    else if (axes.size() == 2 && axes[0] != axes[1]) y = of_matrices(x, axes[0], axes[1], o.ord, where);
    else fail("norm", "an order needs vectors or matrices, one or two distinct axes of shape " + to_string(x.shape()), where);
  }
  if (!o.keepdims) return y;
  Shape shape = x.shape();
  for (std::size_t d = 0; d < shape.size(); ++d)
    if (o.axis.all() || std::find(axes.begin(), axes.end(), int(d)) != axes.end()) shape[d] = 1;
  return reshaped(y, shape, where);
}

}  // namespace nuthatch
