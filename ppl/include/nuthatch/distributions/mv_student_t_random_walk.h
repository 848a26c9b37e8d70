#pragma once
/// MvStudentTRandomWalk({.df, .scale_tril | .scale_matrix | .precision, .drift, .num_steps, .init}): x [num_steps, n] with
/// x_t - x_{t-1} ~ MultivariateStudentT(df, drift, scale_matrix); one form of the matrix [..., n, n], df > 0, drift
/// [..., n] 0 when left out. x_1 ~ init, of event shape [n]; without it the walk starts from 0.
///   log p(x) = log p_init(x_1) + sum_{t=2..T} log MultivariateStudentT(x_t - x_{t-1}; df, drift, scale_matrix)
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters.
struct MvStudentTRandomWalkOptions {
  OnlyNamed only_named{};
  Tensor df{};
  Tensor scale_tril{};
  Tensor scale_matrix{};
  Tensor precision{};
  Tensor drift{};
  std::int64_t num_steps = 1;
  Distribution init{};
};

struct MvStudentTRandomWalk : Distribution {
  explicit MvStudentTRandomWalk(const MvStudentTRandomWalkOptions& options, Where where = Where::current());
};

}  // namespace nuthatch
