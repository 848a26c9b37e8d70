#pragma once
/// InverseWishartCholesky(concentration, scale_matrix), or named as InverseWishart: the Cholesky factor C [..., p, p] of
/// an inverse Wishart matrix C C^T; lower triangular with positive diagonal.
///   log p(C) = log p_InverseWishart(C C^T) + p log 2 + sum_{i=1..p} (p - i + 1) log(C_ii)
#include "nuthatch/distributions/wishart.h"

namespace nuthatch {

struct InverseWishartCholesky : Distribution {
  template <Positional C, Positional S>
  explicit InverseWishartCholesky(const C& concentration, const S& scale_matrix, Where where = Where::current())
      : InverseWishartCholesky(WishartOptions{.concentration = concentration, .scale_matrix = scale_matrix}, where) {}
  explicit InverseWishartCholesky(const WishartOptions& options, Where where = Where::current());
};

}  // namespace nuthatch
