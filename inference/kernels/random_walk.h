// Random-walk Metropolis (Metropolis et al. 1953): x' = x + eps S n with n standard normal, accepted with probability
// min(1, p(x') / p(x)). eps and S S^T, an estimate of the posterior covariance, come from adaptation (Haario, Saksman &
// Tamminen 2001; Roberts & Rosenthal 2009).
#pragma once

#include "inference/kernels/point_kernel.h"

namespace nuthatch::kernels {

class RandomWalk {
 public:
  struct State {};
  static constexpr bool needs_gradient = false;

  State begin(std::int64_t) const { return {}; }
  std::pair<State, Tensor> propose(const Chain&, const State&, const Evaluated& current, const Tuning&) const;
  Judgement<State> judge(const Chain&, const State&, const Evaluated& current, const Evaluated& reached,
                         const Tuning&) const;
  std::vector<Statistic> statistics() const;
};

}  // namespace nuthatch::kernels
