// Sample adaptive MCMC (Zhu, NeurIPS 2019): the state is a set of N points. A point is proposed from the normal
// distribution fitted to the set; then one of the N + 1 points leaves, point j with probability proportional to
// q(x_j | the others) / p(x_j), q the normal distribution fitted to the others. Each draw is one point of the set, chosen
// at random. No gradient, and no step size: the set adapts as long as the chain runs, without disturbing the target.
#pragma once

#include "inference/kernels/point_kernel.h"

namespace nuthatch::kernels {

class SampleAdaptive {
 public:
  struct State {
    Tensor points;         // [N, dim]
    Tensor log_densities;  // [N]
    Tensor size;           // i64, how many of the N are there: the others are found first, one per tick
    Tensor attempts;       // i64, points tried for that
    static constexpr auto fields = names("points", "log_densities", "size", "attempts");
  };
  static constexpr bool needs_gradient = false;
  static constexpr bool keeps_densities = true;

  /// num_points 0: 2 dim, at least dim + 2.
  explicit SampleAdaptive(std::int64_t num_points) : num_points_(num_points) {}
  State begin(std::int64_t dim) const;
  std::pair<State, Tensor> propose(const Chain&, const State&, const Evaluated& current, const Tuning&) const;
  Judgement<State> judge(const Chain&, const State&, const Evaluated& current, const Evaluated& reached,
                         const Tuning&) const;
  std::vector<Statistic> statistics() const;

 private:
  std::int64_t num_points_;
};

}  // namespace nuthatch::kernels
