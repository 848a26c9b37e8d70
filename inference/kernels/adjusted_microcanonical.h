// The Metropolis-adjusted microcanonical sampler, MAMS (Robnik, Cohn-Gordon & Seljak 2025): trajectories of isokinetic
// dynamics from a fresh direction, of random length uniform on (0, 2 L), accepted by their energy error as in Hamiltonian
// Monte Carlo. One leapfrog step per tick.
#pragma once

#include "inference/kernels/microcanonical.h"

namespace nuthatch::kernels {

class AdjustedMicrocanonical {
 public:
  struct State {
    Evaluated end;      // of the trajectory
    Tensor direction;   // there
    Tensor work;        // change of kinetic energy since the start
    Tensor step, steps; // i64
    Tensor starting;    // bool_
    static constexpr auto fields = names("end", "direction", "work", "step", "steps", "starting");
  };
  static constexpr bool needs_gradient = true;

  /// trajectory_length 0: sqrt(dim).
  explicit AdjustedMicrocanonical(double trajectory_length) : trajectory_length_(trajectory_length) {}
  State begin(std::int64_t dim) const;
  std::pair<State, Tensor> propose(const Chain&, const State&, const Evaluated& current, const Tuning&) const;
  Judgement<State> judge(const Chain&, const State&, const Evaluated& current, const Evaluated& reached,
                         const Tuning&) const;
  std::vector<Statistic> statistics() const;

 private:
  double trajectory_length_;
};

}  // namespace nuthatch::kernels
