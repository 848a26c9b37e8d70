#pragma once
/// ICAR(adjacency, scale, zero_sum_strength): x [n] real, one number per node of a connected graph, an intrinsic
/// conditional autoregression: neighbours differ little, the overall level is left free but for a soft condition on the
/// sum. adjacency W [n, n] is data, symmetric with weights >= 0 and zero diagonal; scale s > 0; zero_sum_strength > 0.
///   log p(x) = -1/(2 s^2) sum_{i<j} W_ij (x_i - x_j)^2 - 1/2 (sum_i x_i / w)^2 - (n - 1) log(s)
///              + 1/2 sum_{i=2..n} log(l_i) + 1/2 log(n) - log(w) - n/2 log(2 pi),   w = zero_sum_strength n
/// with l_i > 0 the eigenvalues of the graph's Laplacian, so that the density integrates to 1.
/// Besag and Kooperberg, On conditional and intrinsic autoregressions, Biometrika 82 (1995).
#include "nuthatch/distribution.h"

namespace nuthatch {

struct ICAR : Distribution {
  explicit ICAR(const Tensor& adjacency, const Tensor& scale = 1.0, double zero_sum_strength = 0.001,
                Where where = Where::current());
};

}  // namespace nuthatch
