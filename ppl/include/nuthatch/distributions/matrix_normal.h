#pragma once
/// MatrixNormal(loc, scale_tril_row, scale_tril_column), or MatrixNormal({.loc, .row_covariance, .column_covariance}):
/// X [..., n, p] real with covariance of X_ij and X_kl equal to (U U^T)_ik (V V^T)_jl, U = scale_tril_row [..., n, n],
/// V = scale_tril_column [..., p, p] lower triangular with positive diagonals.
///   log p(X) = -1/2 |U^-1 (X - loc) V^-T|^2 - p sum_i log(U_ii) - n sum_j log(V_jj) - n p/2 log(2 pi)
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters: one form of each matrix; loc is 0 when left out.
struct MatrixNormalOptions {
  OnlyNamed only_named{};
  Tensor loc{};
  Tensor scale_tril_row{};
  Tensor scale_tril_column{};
  Tensor row_covariance{};
  Tensor column_covariance{};
};

struct MatrixNormal : Distribution {
  template <Positional L, Positional R, Positional C>
  explicit MatrixNormal(const L& loc, const R& scale_tril_row, const C& scale_tril_column,
                        Where where = Where::current())
      : Distribution(make(loc, scale_tril_row, scale_tril_column, where)) {}
  explicit MatrixNormal(const MatrixNormalOptions& options, Where where = Where::current());

 private:
  static Distribution make(const Tensor& loc, const Tensor& scale_tril_row, const Tensor& scale_tril_column, Where where);
};

}  // namespace nuthatch
