#pragma once
/// Creation, reshaping, joining, and what is built from them. Axes may be negative; errors name the axis and the shape.
#include <concepts>
#include <utility>

#include "nuthatch/order.h"
#include "nuthatch/tensor.h"

namespace nuthatch {

// ---- creation; one extent n makes a vector (a template, because braces must mean a shape: zeros({})) ----
Tensor zeros(const Shape& shape, Dtype dtype = f64, Where where = Where::current());
template <std::integral I>
Tensor zeros(I n, Dtype dtype = f64, Where where = Where::current()) {
  return zeros(Shape{std::int64_t(n)}, dtype, where);
}
Tensor ones(const Shape& shape, Dtype dtype = f64, Where where = Where::current());
template <std::integral I>
Tensor ones(I n, Dtype dtype = f64, Where where = Where::current()) {
  return ones(Shape{std::int64_t(n)}, dtype, where);
}
/// Every element is the scalar `value`, whose dtype the result has.
Tensor full(const Shape& shape, const Tensor& value, Where where = Where::current());
template <std::integral I>
Tensor full(I n, const Tensor& value, Where where = Where::current()) {
  return full(Shape{std::int64_t(n)}, value, where);
}
/// Shape and dtype of x.
Tensor zeros_like(const Tensor& x, Where where = Where::current());
Tensor ones_like(const Tensor& x, Where where = Where::current());
Tensor full_like(const Tensor& x, const Tensor& value, Where where = Where::current());
/// Identity matrix [n, n].
Tensor eye(std::int64_t n, Dtype dtype = f64, Where where = Where::current());
/// 0 ... n-1, i64.
Tensor arange(std::int64_t n, Where where = Where::current());
/// start, start + step, ... before stop: i64.
Tensor arange(std::int64_t start, std::int64_t stop, std::int64_t step = 1, Where where = Where::current());
/// n values from a to b, both included; f64.
Tensor linspace(double a, double b, std::int64_t n, Where where = Where::current());
struct LinspaceOptions {
  OnlyNamed only_named{};
  /// b is the last value; else the one after the last.
  bool endpoint = true;
};
/// The same between tensors that broadcast and may be traced: n values along a new first axis.
Tensor linspace(const Tensor& a, const Tensor& b, std::int64_t n, const LinspaceOptions& options = {},
                Where where = Where::current());

// ---- shape ----
/// Same elements in row-major order; one extent may be -1.
Tensor reshape(const Tensor& x, const Shape& shape, Where where = Where::current());
/// One dimension.
Tensor flatten(const Tensor& x, Where where = Where::current());
/// Reverses the dimensions, or permutes them: result dimension i is dimension axes[i].
Tensor transpose(const Tensor& x, Where where = Where::current());
Tensor transpose(const Tensor& x, const std::vector<int>& axes, Where where = Where::current());
Tensor swapaxes(const Tensor& x, int a, int b, Where where = Where::current());
Tensor moveaxis(const Tensor& x, int source, int destination, Where where = Where::current());
Tensor broadcast_to(const Tensor& x, const Shape& shape, Where where = Where::current());
/// The common shape of several, as the operators broadcast.
Shape broadcast_shapes(const std::vector<Shape>& shapes, Where where = Where::current());
/// Inserts a dimension of extent 1 at position axis of the result.
Tensor expand_dims(const Tensor& x, int axis, Where where = Where::current());
/// Drops dimensions of extent 1: all, or one (an Error when its extent is not 1).
Tensor squeeze(const Tensor& x, Where where = Where::current());
Tensor squeeze(const Tensor& x, int axis, Where where = Where::current());
/// Order of elements reversed along an axis.
Tensor flip(const Tensor& x, int axis = 0, Where where = Where::current());
/// Elements shifted cyclically by `shift` along an axis.
Tensor roll(const Tensor& x, std::int64_t shift, int axis = 0, Where where = Where::current());

// ---- joining, repeating, padding ----
/// Joins along an existing axis; other extents must agree.
Tensor concat(const std::vector<Tensor>& xs, int axis = 0, Where where = Where::current());
/// Joins along a new axis; all shapes must be equal (scalars broadcast against nothing).
Tensor stack(const std::vector<Tensor>& xs, int axis = 0, Where where = Where::current());
/// Each element n times along an axis.
Tensor repeat(const Tensor& x, std::int64_t n, int axis = 0, Where where = Where::current());
/// The whole tensor repeated counts[i] times in dimension i (aligned at the last).
Tensor tile(const Tensor& x, const Shape& counts, Where where = Where::current());
/// `value` before and after, per dimension: pad(x, {{1, 0}, {0, 2}}).
Tensor pad(const Tensor& x, const std::vector<std::pair<std::int64_t, std::int64_t>>& widths, const Tensor& value = 0.0,
           Where where = Where::current());

// ---- matrices and vectors ----
/// x[i+1] - x[i] along an axis.
Tensor diff(const Tensor& x, int axis = -1, Where where = Where::current());
/// Lower (upper) triangle of the last two dimensions, from diagonal k on; zero elsewhere.
Tensor tril(const Tensor& x, int k = 0, Where where = Where::current());
Tensor triu(const Tensor& x, int k = 0, Where where = Where::current());
/// Matrices [..., n, n] with x [..., n] on the diagonal.
Tensor diag(const Tensor& x, Where where = Where::current());
/// Diagonal [..., n] of [..., n, n].
Tensor diagonal(const Tensor& x, Where where = Where::current());
/// a[i] * b[j] of two vectors.
Tensor outer(const Tensor& a, const Tensor& b, Where where = Where::current());
/// [..., n] with 1 at position index, 0 elsewhere.
Tensor one_hot(const Tensor& index, std::int64_t n, Dtype dtype = f64, Where where = Where::current());
/// Elements of x at integer indices along an axis.
Tensor take(const Tensor& x, const Tensor& indices, int axis = 0, Where where = Where::current());
/// Per batch element, the element at that index of the last dimension: [..., n] and [...] give [...].
Tensor take_last(const Tensor& x, const Tensor& indices, Where where = Where::current());

// ---- groups, data preparation ----
/// Sums of x [n, ...] by group index [n] into [groups, ...]; indices outside are dropped.
Tensor segment_sum(const Tensor& x, const Tensor& segment, std::int64_t groups, Where where = Where::current());
/// How often each of 0 ... n-1 occurs, f64. Without n: up to the largest index of a concrete tensor.
Tensor bincount(const Tensor& index, std::int64_t n, Where where = Where::current());
Tensor bincount(const Tensor& index, Where where = Where::current());
/// (x - mean) / stddev, with ddof 1, over all elements or along an axis.
Tensor standardize(const Tensor& x, Where where = Where::current());
Tensor standardize(const Tensor& x, int axis, Where where = Where::current());

}  // namespace nuthatch
