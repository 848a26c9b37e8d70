#pragma once
/// LKJCholeskyCov(dimension, concentration, scales): the Cholesky factor L [n, n], n = dimension >= 2, of a covariance
/// matrix diag(s) R diag(s), where R is LKJ(n, concentration) and the standard deviations s_i are distributed as
/// `scales`: one distribution of positive numbers for all, or one with batch shape [n]. L = diag(s) C with C of
/// LKJCholesky, so that s_i is the length of row i:
///   log p(L) = log p_LKJCholesky(C) + sum_i (log p_scales(s_i) + log(C_ii) - (i - 1) log(s_i)),   i = 1 .. n
#include "nuthatch/distribution.h"

namespace nuthatch {

struct LKJCholeskyCov : Distribution {
  explicit LKJCholeskyCov(std::int64_t dimension, const Tensor& concentration, const Distribution& scales,
                          Where where = Where::current());
};

}  // namespace nuthatch
