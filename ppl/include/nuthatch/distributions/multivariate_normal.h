#pragma once
/// MultivariateNormal({.loc, .scale_tril}), ({.loc, .covariance}) or ({.loc, .precision}): x [..., n] real;
/// covariance = scale_tril scale_tril^T = precision^-1, scale_tril [..., n, n] lower triangular with positive diagonal.
/// loc [..., n] is 0 when left out, and may be one number.
///   log p(x) = -1/2 |L^-1 (x - loc)|^2 - sum_i log(L_ii) - n/2 log(2 pi),   L = scale_tril
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters; exactly one of the three matrices.
struct MultivariateNormalOptions {
  OnlyNamed only_named{};
  Tensor loc{};
  Tensor scale_tril{};
  Tensor covariance{};
  Tensor precision{};
};

struct MultivariateNormal : Distribution {
  explicit MultivariateNormal(const MultivariateNormalOptions& options, Where where = Where::current());
};

}  // namespace nuthatch
