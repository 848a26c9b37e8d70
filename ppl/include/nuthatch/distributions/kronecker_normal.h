#pragma once
/// KroneckerNormal({.loc, .covariances = {K_1, K_2, ...}, .sigma}), or with .scale_trils of the same: x [..., N], N the
/// product of the sizes, normal with covariance K_1 x K_2 x ... (Kronecker products; the index of the last factor varies
/// fastest), plus sigma^2 I when sigma > 0 is given. loc [..., N] is 0 when left out. A grid of N points costs
/// O(N sum_i n_i) instead of O(N^3).
///   log p(x) = -1/2 |(L_1^-1 x L_2^-1 x ...) r|^2 - sum_i N/n_i sum_j log(L_i,jj) - N/2 log(2 pi),   r = x - loc
/// With noise the factors are diagonalised, K_i = V_i diag(l_i) V_i^T; they may then be singular.
#include <vector>

#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters; one of the two lists.
struct KroneckerNormalOptions {
  OnlyNamed only_named{};
  Tensor loc{};
  std::vector<Tensor> covariances{};
  std::vector<Tensor> scale_trils{};
  Tensor sigma{};
};

struct KroneckerNormal : Distribution {
  explicit KroneckerNormal(const KroneckerNormalOptions& options, Where where = Where::current());
};

}  // namespace nuthatch
