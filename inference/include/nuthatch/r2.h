#pragma once
/// Bayesian R2: the share of the variance of the data that predictions explain, as a distribution over the draws.
/// Gelman, Goodrich, Gabry and Vehtari (2019), "R-squared for Bayesian regression models".
#include <iosfwd>
#include <string>

#include "nuthatch/tensor.h"

namespace nuthatch {

struct R2 {
  /// One value per draw, chains joined.
  Tensor samples;
  double mean = 0, sd = 0;
  /// Interval of equal tails that holds 0.94.
  double low = 0, high = 0;
};
std::string to_string(const R2& r2);
std::ostream& operator<<(std::ostream& out, const R2& r2);

/// Modelled: var(mu) / (var(mu) + scale^2) with the draws mu (chain, draw, ...observations) of the expected value and
/// scale (chain, draw) of the residual standard deviation.
R2 bayesian_r2(const Tensor& mu, const Tensor& scale, Where where = Where::current());
/// For binary data, mu being probabilities: the residual variance is the mean of mu (1 - mu).
R2 bayesian_r2(const Tensor& mu, Where where = Where::current());
/// By residuals: var(prediction) / (var(prediction) + var(y - prediction)) for data y (...observations) and predictions
/// (chain, draw, ...observations).
R2 residual_r2(const Tensor& y, const Tensor& predictions, Where where = Where::current());

} // namespace nuthatch
