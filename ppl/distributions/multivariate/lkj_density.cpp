#include "ppl/distributions/multivariate/lkj_density.h"

#include "nuthatch/array.h"
#include "nuthatch/index.h"
#include "nuthatch/math.h"
#include "ppl/constraints/triangular.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch::detail {

Tensor lkj_log_normaliser(const Tensor& eta, std::int64_t n) {
  Tensor total = 0.0;
  for (std::int64_t k = 1; k < n; ++k) {
    const double rest = double(n - k);
    Tensor b = eta + 0.5 * (rest - 1.0);
    total = total + rest * ((2.0 * eta + (rest - 2.0)) * kLog2 + betaln(b, b));
  }
  return total;
}

Tensor lkj_cholesky_kernel(const Tensor& eta, const Tensor& log_diagonal) {
  // Exponents n - i + 2 eta - 2 of rows i = 2 .. n.
  Tensor order = arange(log_diagonal.shape().back() - 2, -1, -1).cast(f64);
  return sum((order + 2.0 * expand_dims(eta - 1.0, -1)) * log_diagonal(ellipsis, from(1)), -1);
}

/// Partial correlation of row i with column j given the columns before j is 2 Beta(b, b) - 1 with
/// b = eta + (n - 2 - j) / 2, j counted from 0.
Tensor lkj_cholesky_draw(const Key& key, const Tensor& eta, const Shape& shape) {
  const std::int64_t n = shape.back();
  auto [ka, kb] = split<2>(key);
  Tensor b = expand_dims(expand_dims(eta, -1), -1) + 0.5 * maximum(double(n - 2) - arange(n).cast(f64), 0.0);
  Tensor difference = log_standard_gamma(ka, b, shape) - log_standard_gamma(kb, b, shape);
  // 2 sigmoid(d) - 1 = tanh(d / 2); 1 - tanh(x)^2 = 4 sigmoid(2 x) sigmoid(-2 x).
  Tensor log1mt2 = 2.0 * kLog2 - softplus(difference) - softplus(-difference);
  return correlation_cholesky(tril(tanh(0.5 * difference), -1), tril(log1mt2, -1)).first;
}

// L_ii^2 = prod over j < i of 1 - t^2, t = 2 B - 1 with B ~ Beta(b_j, b_j), so that 1 - t^2 = 4 B (1 - B).
Tensor lkj_mean_log_diagonal(const Tensor& eta, std::int64_t n) {
  const Tensor b = expand_dims(eta, -1) + 0.5 * maximum(double(n - 2) - arange(n).cast(f64), 0.0);
  const Tensor each = kLog2 + digamma(b) - digamma(2.0 * b);
  return cumsum(each, -1) - each;
}

}  // namespace nuthatch::detail
