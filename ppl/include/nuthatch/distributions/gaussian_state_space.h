#pragma once
/// GaussianStateSpace({.num_steps, .transition_matrix, .scale_tril | .covariance | .precision, .initial_value}):
/// x [num_steps, n] with
///   x_t = A x_{t-1} + e_t,   e_t ~ MultivariateNormal(0, covariance),   t = 1 .. T,   x_0 = initial_value
/// A = transition_matrix [..., n, n]; one form of the noise's matrix; initial_value [..., n] is 0 when left out.
///   log p(x) = sum_t log MultivariateNormal(x_t - A x_{t-1}; 0, covariance)
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters.
struct GaussianStateSpaceOptions {
  OnlyNamed only_named{};
  std::int64_t num_steps = 1;
  Tensor transition_matrix{};
  Tensor scale_tril{};
  Tensor covariance{};
  Tensor precision{};
  Tensor initial_value{};
};

struct GaussianStateSpace : Distribution {
  explicit GaussianStateSpace(const GaussianStateSpaceOptions& options, Where where = Where::current());
};

}  // namespace nuthatch
