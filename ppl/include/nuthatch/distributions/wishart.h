#pragma once
/// Wishart(concentration, scale_matrix), or Wishart({.concentration, .scale_matrix | .rate_matrix | .scale_tril}):
/// X [..., p, p] symmetric positive definite, concentration nu > p - 1 (degrees of freedom), V = scale_matrix =
/// rate_matrix^-1 = scale_tril scale_tril^T; mean nu V.
///   log p(X) = (nu - p - 1)/2 log det X - tr(V^-1 X)/2 - nu/2 log det V - nu p/2 log 2 - log Gamma_p(nu / 2)
/// Draws: Bartlett's decomposition, X = L A A^T L^T with A lower triangular, A_ij normal, A_ii^2 chi-squared with
/// nu - i + 1 degrees of freedom.
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters of the Wishart family and its inverses; exactly one of the three matrices.
struct WishartOptions {
  OnlyNamed only_named{};
  Tensor concentration{};
  Tensor scale_matrix{};
  Tensor rate_matrix{};
  Tensor scale_tril{};
};

struct Wishart : Distribution {
  template <Positional C, Positional S>
  explicit Wishart(const C& concentration, const S& scale_matrix, Where where = Where::current())
      : Wishart(WishartOptions{.concentration = concentration, .scale_matrix = scale_matrix}, where) {}
  explicit Wishart(const WishartOptions& options, Where where = Where::current());
};

}  // namespace nuthatch
