#include "ppl/distributions/multivariate/wishart_family.h"

#include "nuthatch/array.h"
#include "nuthatch/detail/shapes.h"
#include "nuthatch/math.h"
#include "ppl/distributions/constants.h"
#include "ppl/distributions/named_parameters.h"
#include "ppl/distributions/samplers.h"

namespace nuthatch::detail {

Tensor as_matrix(const Tensor& x) { return expand_dims(expand_dims(x, -1), -1); }

/// Degrees of freedom of the diagonal of A: nu, nu - 1, ..., nu - p + 1.
static Tensor freedom(const Tensor& concentration, std::int64_t p) {
  return expand_dims(concentration, -1) - arange(p).cast(f64);
}

Tensor bartlett(const Key& key, const Tensor& concentration, const Shape& shape) {
  auto [k_normal, k_gamma] = split<2>(key);
  Tensor log_gamma = log_standard_gamma(k_gamma, 0.5 * freedom(concentration, shape.back()), leading(shape, 1));
  return tril(normal(k_normal, shape), -1) + diag(exp(0.5 * (kLog2 + log_gamma)));
}

Tensor bartlett_mean(const Tensor& concentration, std::int64_t p) {
  Tensor half = 0.5 * freedom(concentration, p);
  return exp(0.5 * kLog2 + lgamma(half + 0.5) - lgamma(half));
}

Tensor bartlett_mean_log(const Tensor& concentration, std::int64_t p) {
  return 0.5 * (digamma(0.5 * freedom(concentration, p)) + kLog2);
}

Tensor mean_log_cholesky_volume(const Tensor& mean_log_diagonal) {
  const std::int64_t p = mean_log_diagonal.shape().back();
  return double(p) * kLog2 + sum(arange(p, 0, -1).cast(f64) * mean_log_diagonal, -1);
}

Tensor log_cholesky_volume(const Tensor& C) {
  const std::int64_t p = C.shape().back();
  return double(p) * kLog2 + sum(arange(p, 0, -1).cast(f64) * log(diagonal(C)), -1);
}

ScaleMatrix wishart_scale(const char* name, const WishartOptions& o, Where where) {
  required(name, {"concentration", o.concentration}, where);
  return scale_matrix(name, o.scale_tril, o.scale_matrix, o.rate_matrix, where);
}

}  // namespace nuthatch::detail
