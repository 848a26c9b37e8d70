// Sorting and order statistics: positions come from one operation, argsort; values are gathered, so they have derivatives.
#include "nuthatch/order.h"

#include <limits>

#include "ir/api/index_plan.h"
#include "nuthatch/array.h"
#include "nuthatch/math.h"

namespace nuthatch {
using namespace detail;

namespace {
Tensor order_of(const std::vector<Tensor>& keys, int dim, Where where) {
  return emit_one("argsort", keys, {{"dim", std::int64_t(dim)}}, where);
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

/// Elements whose ascending order is the descending one of x.
Tensor reversed_order(const Tensor& x, Where where) {
  if (x.dtype() == bool_) return logical_not(x, where);
  return is_float(x.dtype()) ? -Arg(x, where) : ~Arg(x, where);
}
}  // namespace

Tensor argsort(const Tensor& x, int axis, Where where) { return order_of({x}, axis_in("argsort", x, axis, where), where); }

Tensor sort(const Tensor& x, int axis, Where where) {
  const int dim = axis_in("sort", x, axis, where);
  if (x.size() == 0) return x;
  Tensor moved = moveaxis(x, dim, -1, where);
  return moveaxis(gather_last(moved, order_of({moved}, int(x.ndim()) - 1, where), where), -1, dim, where);
}

Tensor lexsort(const std::vector<Tensor>& keys, int axis, Where where) {
  if (keys.empty()) fail("lexsort", "no keys", where);
  const int dim = axis_in("lexsort", keys.front(), axis, where);
  for (const auto& key : keys)
    if (checked("lexsort", key, where).type.shape != keys.front().shape())
      fail("lexsort", "keys differ in shape: " + to_string(keys.front().shape()) + " and " + to_string(key.shape()), where);
  return order_of({keys.rbegin(), keys.rend()}, dim, where);
}

std::pair<Tensor, Tensor> top_k(const Tensor& x, std::int64_t k, int axis, Where where) {
  const int dim = axis_in("top_k", x, axis, where);
  const std::int64_t n = x.shape()[std::size_t(dim)];
  if (k < 0 || k > n) fail("top_k", std::to_string(k) + " elements of axis " + std::to_string(axis) + " of shape " + to_string(x.shape()), where);
  Tensor moved = moveaxis(x, dim, -1, where), order = order_of({reversed_order(moved, where)}, int(x.ndim()) - 1, where);
  Ints start(x.shape().size(), 0), limit(moved.shape()), stride(x.shape().size(), 1);
  limit.back() = k;
  Tensor best = sliced(order, start, limit, stride, where);
  Tensor values = best.size() ? gather_last(moved, best, where) : sliced(moved, start, limit, stride, where);
  return {moveaxis(values, -1, dim, where), moveaxis(best, -1, dim, where)};
}

Tensor take_along_axis(const Tensor& x, const Tensor& indices, int axis, Where where) {
  const int dim = axis_in("take_along_axis", x, axis, where);
  Tensor at = to_index("take_along_axis", indices, where);
  if (at.ndim() != x.ndim())
    fail("take_along_axis", "indices of shape " + to_string(at.shape()) + " and elements of shape " + to_string(x.shape()) + " differ in rank", where);
  Tensor rows = moveaxis(x, dim, -1, where);
  at = moveaxis(at, dim, -1, where);
  Shape of_rows = rows.shape(), of_at = at.shape();
  const std::int64_t n = of_rows.back(), k = of_at.back();
  of_rows.pop_back();
  of_at.pop_back();
  Shape batch = broadcast_shape("take_along_axis", of_rows, of_at, where), wide = batch;
  batch.push_back(n);
  wide.push_back(k);
  if (n == 0 && wide.num_elements()) fail("take_along_axis", "axis " + std::to_string(axis) + " of shape " + to_string(x.shape()) + " is empty", where);
  at = wrapped_index("take_along_axis", expand(at, wide, where), dim, n, where);
  if (wide.num_elements() == 0) return moveaxis(zeros(wide, x.dtype(), where), -1, dim, where);
  return moveaxis(gather_last(expand(rows, batch, where), at, where), -1, dim, where);
}

}  // namespace nuthatch
