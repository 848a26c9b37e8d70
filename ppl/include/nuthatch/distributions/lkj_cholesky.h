#pragma once
/// LKJCholesky(dimension, concentration): Cholesky factors L of correlation matrices of order n = dimension whose density
/// is proportional to det(L L^T)^(concentration - 1), concentration > 0; 1 is uniform over correlation matrices.
///   log p(L) = sum_{i=2..n} (n - i + 2 (eta - 1)) log(L_ii) - log Z,   eta = concentration
///   log Z = sum_{k=1..n-1} (n - k) ((2 eta - 2 + n - k) log 2 + log B(eta + (n - k - 1) / 2, eta + (n - k - 1) / 2))
/// Lewandowski, Kurowicka, Joe, Generating random correlation matrices based on vines and extended onion method,
/// Journal of Multivariate Analysis 100 (2009). Draws: their C-vine, partial correlations from symmetric betas.
#include "nuthatch/distribution.h"

namespace nuthatch {

struct LKJCholesky : Distribution {
  template <Positional C>
  explicit LKJCholesky(std::int64_t dimension, const C& concentration, Where where = Where::current())
      : Distribution(make(dimension, concentration, where)) {}

 private:
  static Distribution make(std::int64_t dimension, const Tensor& concentration, Where where);
};

}  // namespace nuthatch
