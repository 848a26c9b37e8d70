#pragma once
/// Grids of numbers, and tensors taken apart: what array.h has not.
#include <optional>
#include <type_traits>

#include "nuthatch/array.h"

namespace nuthatch {

namespace detail {
Tensor real_range(double start, double stop, double step, Where where);
}
/// start, start + step, ... before stop, f64: ceil((stop - start) / step) elements. At least one of the three is not an
/// integer.
template <class A, class B, class C>
  requires(std::is_arithmetic_v<A> && std::is_arithmetic_v<B> && std::is_arithmetic_v<C> &&
           (std::is_floating_point_v<A> || std::is_floating_point_v<B> || std::is_floating_point_v<C>))
Tensor arange(A start, B stop, C step, Where where = Where::current()) {
  return detail::real_range(double(start), double(stop), double(step), where);
}
/// [n, m], ones on diagonal k (positive: above the main one).
Tensor eye(std::int64_t n, std::int64_t m, int k, Dtype dtype = f64, Where where = Where::current());
/// base^a ... base^b with evenly spaced exponents, f64.
Tensor logspace(double a, double b, std::int64_t n = 50, double base = 10, Where where = Where::current());
/// a ... b in constant proportion, f64; both of one sign and not 0.
Tensor geomspace(double a, double b, std::int64_t n = 50, Where where = Where::current());

enum class Indexing { xy, ij };
/// Vectors as coordinates of a grid: tensor k varies along dimension k (ij), or with the first two dimensions exchanged
/// (xy, NumPy's default).
std::vector<Tensor> meshgrid(const std::vector<Tensor>& axes, Indexing indexing = Indexing::xy, Where where = Where::current());

/// Joins along an existing axis; the same as concat.
Tensor concatenate(const std::vector<Tensor>& xs, int axis = 0, Where where = Where::current());
/// `sections` equal parts along an axis; an Error when the extent is not a multiple.
std::vector<Tensor> split(const Tensor& x, int sections, int axis = 0, Where where = Where::current());
/// Parts [0, at[0]), [at[0], at[1]), ... , [at.back(), extent).
std::vector<Tensor> split(const Tensor& x, const std::vector<std::int64_t>& at, int axis = 0, Where where = Where::current());
/// Diagonal `offset` (positive: above the main one) of the last two dimensions, as the last dimension.
Tensor diagonal(const Tensor& x, int offset, Where where = Where::current());
/// Sum of that diagonal.
Tensor trace(const Tensor& x, int offset = 0, Where where = Where::current());
/// Coordinate i of a multi-dimensional position for each flat one, and back; row-major.
std::vector<Tensor> unravel_index(const Tensor& flat, const Shape& shape, Where where = Where::current());
Tensor ravel_multi_index(const std::vector<Tensor>& indices, const Shape& shape, Where where = Where::current());

}  // namespace nuthatch
