#pragma once
/// CAR(loc, correlation, conditional_precision, adjacency): x [..., n] real, one number per node of a graph, a conditional
/// autoregression with precision matrix tau (D - a W): W = adjacency [n, n] symmetric with weights >= 0 and zero
/// diagonal, D the diagonal matrix of its row sums, a = correlation in (-1, 1), tau = conditional_precision > 0.
///   log p(x) = -tau/2 (sum_i D_ii r_i^2 - 2 a sum_{i<j} W_ij r_i r_j) + n/2 log(tau) + 1/2 log det(D - a W)
///              - n/2 log(2 pi),   r = x - loc
/// log det(D - a W) = sum_i log(D_ii) + sum_i log(1 - a l_i), l the eigenvalues of D^(-1/2) W D^(-1/2): Jin, Carlin and
/// Banerjee, Generalized hierarchical multivariate CAR models for areal data, Biometrics 61 (2005). The quadratic form
/// runs over the edges when the adjacency is data.
#include "nuthatch/distribution.h"

namespace nuthatch {

struct CAR : Distribution {
  template <Positional L, Positional C, Positional P, Positional A>
  explicit CAR(const L& loc, const C& correlation, const P& conditional_precision, const A& adjacency,
               Where where = Where::current())
      : Distribution(make(loc, correlation, conditional_precision, adjacency, where)) {}

 private:
  static Distribution make(const Tensor& loc, const Tensor& correlation, const Tensor& conditional_precision,
                           const Tensor& adjacency, Where where);
};

}  // namespace nuthatch
