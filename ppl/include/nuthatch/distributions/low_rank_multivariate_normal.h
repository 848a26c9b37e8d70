#pragma once
/// LowRankMultivariateNormal(loc, cov_factor, cov_diag): x [..., n] real, covariance W W^T + diag(d) with
/// W = cov_factor [..., n, k] real, d = cov_diag [..., n] > 0, loc [..., n]. By the lemmas of Woodbury and Sylvester,
/// with C = I + W^T diag(d)^-1 W [k, k] and r = x - loc, in O(n k^2):
///   log p(x) = -1/2 (sum_i r_i^2 / d_i - |C^(-1/2) W^T (r / d)|^2) - 1/2 (log det C + sum_i log d_i) - n/2 log(2 pi)
#include "nuthatch/distribution.h"

namespace nuthatch {

struct LowRankMultivariateNormal : Distribution {
  template <Positional L, Positional F, Positional D>
  explicit LowRankMultivariateNormal(const L& loc, const F& cov_factor, const D& cov_diag,
                                     Where where = Where::current())
      : Distribution(make(loc, cov_factor, cov_diag, where)) {}

 private:
  static Distribution make(const Tensor& loc, const Tensor& cov_factor, const Tensor& cov_diag, Where where);
};

}  // namespace nuthatch
