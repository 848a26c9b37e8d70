#pragma once
/// InverseWishart(concentration, scale_matrix), or InverseWishart({.concentration, .scale_matrix | .rate_matrix |
/// .scale_tril}): X [..., p, p] symmetric positive definite, concentration nu > p - 1, S = scale_matrix =
/// rate_matrix^-1 = scale_tril scale_tril^T; mean S / (nu - p - 1). X^-1 is Wishart(nu, S^-1).
///   log p(X) = nu/2 log det S - (nu + p + 1)/2 log det X - tr(S X^-1)/2 - nu p/2 log 2 - log Gamma_p(nu / 2)
#include "nuthatch/distributions/wishart.h"

namespace nuthatch {

struct InverseWishart : Distribution {
  template <Positional C, Positional S>
  explicit InverseWishart(const C& concentration, const S& scale_matrix, Where where = Where::current())
      : InverseWishart(WishartOptions{.concentration = concentration, .scale_matrix = scale_matrix}, where) {}
  explicit InverseWishart(const WishartOptions& options, Where where = Where::current());
};

}  // namespace nuthatch
