#pragma once
/// MvGaussianRandomWalk({.scale_tril | .covariance | .precision, .drift, .num_steps, .init}): x [num_steps, n] with
/// x_t - x_{t-1} ~ MultivariateNormal(drift, covariance); one form of the matrix [..., n, n], drift [..., n] 0 when left
/// out. x_1 ~ init, of event shape [n]; without it the walk starts from 0.
///   log p(x) = log p_init(x_1) + sum_{t=2..T} log MultivariateNormal(x_t - x_{t-1}; drift, covariance)
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters.
struct MvGaussianRandomWalkOptions {
  OnlyNamed only_named{};
  Tensor scale_tril{};
  Tensor covariance{};
  Tensor precision{};
  Tensor drift{};
  std::int64_t num_steps = 1;
  Distribution init{};
};

struct MvGaussianRandomWalk : Distribution {
  explicit MvGaussianRandomWalk(const MvGaussianRandomWalkOptions& options, Where where = Where::current());
};

}  // namespace nuthatch
