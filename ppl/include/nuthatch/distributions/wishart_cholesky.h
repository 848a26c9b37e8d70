#pragma once
/// WishartCholesky(concentration, scale_matrix), or named as Wishart: the Cholesky factor C [..., p, p] of a Wishart
/// matrix C C^T; lower triangular with positive diagonal.
///   log p(C) = log p_Wishart(C C^T) + p log 2 + sum_{i=1..p} (p - i + 1) log(C_ii)
#include "nuthatch/distributions/wishart.h"

namespace nuthatch {

struct WishartCholesky : Distribution {
  template <Positional C, Positional S>
  explicit WishartCholesky(const C& concentration, const S& scale_matrix, Where where = Where::current())
      : WishartCholesky(WishartOptions{.concentration = concentration, .scale_matrix = scale_matrix}, where) {}
  explicit WishartCholesky(const WishartOptions& options, Where where = Where::current());
};

}  // namespace nuthatch
