// Microcanonical Langevin Monte Carlo without adjustment, MCLMC (Robnik, De Luca, Silverstein & Seljak, JMLR 24, 2023):
// isokinetic dynamics whose direction is partly refreshed after every step, so that it is forgotten after length L. There
// is no accept step: the step size bounds the bias. Warm-up chooses it such that the squared energy error per dimension
// and step has a given mean; the error grows with the sixth power of the step size.
#pragma once

#include "inference/kernels/microcanonical.h"

namespace nuthatch::kernels {

class UnadjustedMicrocanonical {
 public:
  struct Settings {
    double energy_variance = 5e-4;  // wanted, per dimension and step
    double decoherence_length = 0;  // L; 0: sqrt(dim)
    double step_size = 0;           // the first one; 0: sqrt(dim) / 4
    std::int64_t steps_per_draw = 10;
  };
  struct State {
    Tensor direction;
    Tensor step;               // i64, of this draw
    Tensor energy_change;      // of the half step before the position moved
    Tensor step_size, largest; // the largest one that did not diverge
    Tensor inverse_sixth, weight;  // running sums: of w xi / eps^6, of w
    Tensor squared_error;      // sum over the steps of this draw
    static constexpr auto fields = names("direction", "step", "energy_change", "step_size", "largest", "inverse_sixth",
                                         "weight", "squared_error");
  };
  static constexpr bool needs_gradient = true;

  explicit UnadjustedMicrocanonical(const Settings& settings) : settings_(settings) {}
  State begin(std::int64_t dim) const;
  std::pair<State, Tensor> propose(const Chain&, const State&, const Evaluated& current, const Tuning&) const;
  Judgement<State> judge(const Chain&, const State&, const Evaluated& current, const Evaluated& reached,
                         const Tuning&) const;
  std::vector<Statistic> statistics() const;

 private:
  State tune(const State&, const Tensor& error, const Tensor& sound) const;

  Settings settings_;
};

}  // namespace nuthatch::kernels
