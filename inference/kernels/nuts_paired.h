// The No-U-Turn sampler as a state machine of two leapfrogs per tick.
//
// Number the gradient evaluations of a draw: 0 is the starting point, leaf n of doubling j is 2^j + n. Then for j >= 1
// the parity of the number is that of n, and a draw can only end at an odd one: after doubling 0, a complete doubling,
// or a U-turn found at an odd leaf. So all chains keep the same parity for ever, and every event is at the end of the
// odd half. Only a divergence at an even leaf leaves its lane idle for half a tick. The starting point is evaluated
// again in each draw, so no gradient of a proposal is ever stored. When the gradient dominates, NutsPlain saves that
// evaluation; the draws are the same.
#pragma once

#include "inference/kernels/doubling.h"

namespace nuthatch::kernels {

class NutsPaired {
 public:
  struct State {
    NutsState nuts;
    Tensor r_even, y_even;             // momentum and lifted position after the even half
    Tensor uniform_even, uniform_odd;  // random numbers of the two leaves, from one call
    Tensor retry;                      // the starting point just evaluated is not acceptable
    static constexpr auto fields = names("nuts", "r_even", "y_even", "uniform_even", "uniform_odd", "retry");
  };

  explicit NutsPaired(std::int64_t max_tree_depth, bool symmetric_acceptance = false)
      : shape_{max_tree_depth, symmetric_acceptance} {}
  State init(const Chain&, const Start&, const Target&) const;
  State tick(const Chain&, const State&, const Tuning&, const Target&) const;
  /// The starting point is evaluated in every draw.
  State retarget(const State& s, const Tensor&, const Tensor&) const { return s; }
  State at_rest(const State&) const;
  static const Output& output(const State& s) { return s.nuts.output; }
  std::vector<Statistic> statistics() const { return nuts_statistics(shape_); }

 private:
  State half_tick(const Chain&, const State&, const Tuning&, const Target&, const Tensor& even) const;
  State before_even_leaf(const Chain&, const State&, const Tuning&) const;
  State after_even_leaf(const Chain&, const State&, const Leapfrog&, const Tensor& lifted, const Tensor& moving) const;
  State after_odd_leaf(const Chain&, const State&, const Tuning&, const Tensor& lifted, const Tensor& moving) const;

  NutsShape shape_;
};

}  // namespace nuthatch::kernels
