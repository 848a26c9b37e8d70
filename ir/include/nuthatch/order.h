#pragma once
/// Sorting, order statistics, searching. Order is that of NumPy: ascending, -0 equal to 0, NaN last, equal elements in
/// the order they came in. Sorted values have derivatives; positions are i64 and have none.
#include <utility>

#include "nuthatch/tensor.h"

namespace nuthatch {

/// x ascending along an axis, and the positions that sort it.
Tensor sort(const Tensor& x, int axis = -1, Where where = Where::current());
Tensor argsort(const Tensor& x, int axis = -1, Where where = Where::current());
/// Positions that sort by the last key, ties by the one before it, and so on; keys have one shape.
Tensor lexsort(const std::vector<Tensor>& keys, int axis = -1, Where where = Where::current());
/// The k largest elements along an axis, largest first, and their positions; NaN counts as smallest.
std::pair<Tensor, Tensor> top_k(const Tensor& x, std::int64_t k, int axis = -1, Where where = Where::current());
/// Elements of x at positions along an axis: result(..., i, ...) = x(..., indices(..., i, ...), ...). Other extents
/// broadcast. What argsort returns sorts its operand.
Tensor take_along_axis(const Tensor& x, const Tensor& indices, int axis = -1, Where where = Where::current());

/// How a quantile that falls between order statistics a and b, t of the way, is made from them: a + t (b - a), a, b,
/// (a + b) / 2, or the nearer one (of equally near ones that of even position).
enum class Interpolation { linear, lower, higher, midpoint, nearest };
/// `.axis`: one axis or several (default all); `.keepdims` leaves them with extent 1.
struct QuantileOptions {
  OnlyNamed only_named{};
  Axes axis{};
  bool keepdims = false;
  Interpolation method = Interpolation::linear;
};
/// Quantiles at probabilities q in [0, 1], a scalar or a vector, which makes a leading axis; position (n - 1) q of the
/// sorted elements. NaN where x has one. Integers give f64. Error over no elements, or when a known q is out of range.
Tensor quantile(const Tensor& x, const Tensor& q, const QuantileOptions& options = {}, Where where = Where::current());
Tensor quantile(const Tensor& x, const Tensor& q, int axis, Where where = Where::current());
/// quantile(x, p / 100).
Tensor percentile(const Tensor& x, const Tensor& p, const QuantileOptions& options = {}, Where where = Where::current());
Tensor percentile(const Tensor& x, const Tensor& p, int axis, Where where = Where::current());
Tensor median(const Tensor& x, const QuantileOptions& options = {}, Where where = Where::current());
Tensor median(const Tensor& x, int axis, Where where = Where::current());

enum class Side { left, right };
/// For each value, how many elements of the ascending vector `sorted` are below it (left), or not above it (right): where
/// it would have to be inserted.
Tensor searchsorted(const Tensor& sorted, const Tensor& values, Side side = Side::left, Where where = Where::current());
/// The bin of each value: i when bins[i-1] <= value < bins[i], with `right` when bins[i-1] < value <= bins[i]; bins ascend.
Tensor digitize(const Tensor& x, const Tensor& bins, bool right = false, Where where = Where::current());

/// The distinct elements of a concrete tensor, ascending, as a vector. An Error while tracing: their number is not known.
Tensor unique(const Tensor& x, Where where = Where::current());
/// The same, with the flat position of the first of each, the position in `values` of every element, and how often each
/// occurs.
struct Unique {
  Tensor values, indices, inverse_indices, counts;
};
Unique unique_all(const Tensor& x, Where where = Where::current());

}  // namespace nuthatch
