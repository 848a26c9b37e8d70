#pragma once
/// Products and solves with batches of triangular factors, as distributions of vectors need them.
#include <utility>

#include "nuthatch/tensor.h"

namespace nuthatch::detail {

/// Last two dimensions exchanged.
Tensor transposed(const Tensor& x);
/// M x for M [..., m, n] and x [..., n]; batches broadcast.
Tensor matvec(const Tensor& M, const Tensor& x);
/// L^-1 x, or L^-T x, for lower triangular L [..., n, n] and x [..., n]; batches broadcast. One factor for many vectors
/// is one solve with many columns.
Tensor whiten(const Tensor& L, const Tensor& x, bool transpose = false);
/// L^-1 X for X [..., n, k]; batches broadcast.
Tensor solve_columns(const Tensor& L, const Tensor& X, bool transpose = false);
/// sum_i log(L_ii), half the logarithm of the determinant of L L^T.
Tensor half_log_det(const Tensor& L);

/// The scale matrix of a distribution in the form the user gave it.
struct ScaleMatrix {
  Tensor scale_tril;
  /// Lower triangular F with |F x|^2 = x^T precision x, where the precision was given: no solve is needed then.
  Tensor precision_factor;
};
/// From exactly one of three forms [..., n, n], checked.
ScaleMatrix scale_matrix(const char* distribution, const Tensor& scale_tril, const Tensor& covariance,
                         const Tensor& precision, Where where);
/// |L^-1 residual|^2 and sum_i log(L_ii).
std::pair<Tensor, Tensor> quadratic_form(const ScaleMatrix& scale, const Tensor& residual);
/// A value whose last `event_dims` dimensions are one event, with its batch broadcast to that of the parameters: before
/// a dimension of the event is moved to the front.
Tensor with_batch(const Tensor& x, const Shape& batch, std::size_t event_dims);
/// A location that was left out is a vector of zeros; a number is repeated n times.
Tensor location_vector(const Tensor& loc, std::int64_t n);

}  // namespace nuthatch::detail
