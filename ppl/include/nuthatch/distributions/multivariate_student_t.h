#pragma once
/// MultivariateStudentT({.df, .loc, .scale_tril}), or with .scale_matrix = scale_tril scale_tril^T or .precision, its
/// inverse: x [..., n] real, df > 0; loc [..., n] is 0 when left out. The covariance is scale_matrix df / (df - 2).
///   log p(x) = lgamma((df + n) / 2) - lgamma(df / 2) - n/2 log(df pi) - sum_i log(L_ii)
///              - (df + n)/2 log(1 + |L^-1 (x - loc)|^2 / df),   L = scale_tril
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters; exactly one of the three matrices.
struct MultivariateStudentTOptions {
  OnlyNamed only_named{};
  Tensor df{};
  Tensor loc{};
  Tensor scale_tril{};
  Tensor scale_matrix{};
  Tensor precision{};
};

struct MultivariateStudentT : Distribution {
  explicit MultivariateStudentT(const MultivariateStudentTOptions& options, Where where = Where::current());
};

}  // namespace nuthatch
