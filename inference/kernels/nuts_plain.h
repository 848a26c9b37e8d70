// The No-U-Turn sampler as a state machine of one leapfrog per tick. It keeps the gradients of proposals, so a draw
// begins without an evaluation: fewer gradients than NutsPaired, more events per gradient. Better when a gradient costs
// much more than the bookkeeping; the draws are the same, bit for bit.
#pragma once

#include "inference/kernels/doubling.h"

namespace nuthatch::kernels {

class NutsPlain {
 public:
  struct State {
    NutsState nuts;
    Tensor gradient, proposal_gradient;  // at the current draw, and at the subtree's proposal
    static constexpr auto fields = names("nuts", "gradient", "proposal_gradient");
  };

  explicit NutsPlain(std::int64_t max_tree_depth, bool symmetric_acceptance = false)
      : shape_{max_tree_depth, symmetric_acceptance} {}
  State init(const Chain&, const Start&, const Target&) const;
  State tick(const Chain&, const State&, const Tuning&, const Target&) const;
  State retarget(const State&, const Tensor& log_density, const Tensor& gradient) const;
  State at_rest(const State&) const;
  static const Output& output(const State& s) { return s.nuts.output; }
  std::vector<Statistic> statistics() const { return nuts_statistics(shape_); }

 private:
  State begin(const Chain&, const State&, const Tuning&) const;

  NutsShape shape_;
};

}  // namespace nuthatch::kernels
