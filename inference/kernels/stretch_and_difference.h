// The affine-invariant ensemble sampler (Goodman & Weare 2010; Foreman-Mackey et al. 2013): half of the walkers move, each
// along a direction given by the other half, then the other half does.
//
// Difference move (ter Braak 2006; Nelson, Ford & Payne 2014): x' = x + g (a - b) for two walkers a, b of the other half,
// g = g0 (1 + sigma n), n standard normal, g0 = 2.38 / sqrt(2 dim).
// Stretch move: x' = a + s (x - a), s with density proportional to s^-1/2 on (1/alpha, alpha); the acceptance ratio has a
// factor s^(dim - 1).
#pragma once

#include "inference/kernels/ensemble.h"

namespace nuthatch::kernels {

class StretchAndDifference {
 public:
  struct Settings {
    double difference_probability = 1, sigma = 1e-5, alpha = 2;
    bool randomize_split = false;
  };
  struct State {
    Tensor half;         // i64, 0 or 1: which half moves next
    Tensor order;        // [walkers] i64: the walkers with order < walkers / 2 are the first half
    Tensor acceptance;   // [walkers], of this draw
    static constexpr auto fields = names("half", "order", "acceptance");
  };
  static constexpr bool needs_gradient = false;

  explicit StretchAndDifference(const Settings& settings) : settings_(settings) {}
  State begin(std::int64_t walkers, std::int64_t dim) const;
  EnsembleMove<State> move(const Chain&, const State&, const Walkers&, const Target&) const;
  std::vector<Statistic> statistics() const;

 private:
  Settings settings_;
};

}  // namespace nuthatch::kernels
