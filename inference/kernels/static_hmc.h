// Hamiltonian Monte Carlo with trajectories of a fixed length or number of steps (Duane et al. 1987; Neal 2011), as a
// state machine of one leapfrog per tick. Chains whose step sizes differ take different numbers of steps and do not
// wait for each other.
#pragma once

#include "inference/kernels/hamiltonian.h"

namespace nuthatch::kernels {

class StaticHmc {
 public:
  struct State {
    Output output;
    Point point;                    // the moving end of the trajectory
    Tensor gradient, log_density;   // at the current draw
    Tensor initial_energy;
    Tensor step, num_steps;         // i64
    Tensor uniform;                 // decides on acceptance
    Tensor starting;
    Normals normals;
    Search search;
    static constexpr auto fields = names("output", "point", "gradient", "log_density", "initial_energy", "step",
                                         "num_steps", "uniform", "starting", "normals", "search");
  };

  /// num_steps > 0: that many leapfrogs; otherwise trajectory_length / step_size of them, at least one.
  StaticHmc(double trajectory_length, std::int64_t num_steps)
      : trajectory_length_(trajectory_length), num_steps_(num_steps) {}
  State init(const Chain&, const Start&, const Target&) const;
  State tick(const Chain&, const State&, const Tuning&, const Target&) const;
  State retarget(const State&, const Tensor& log_density, const Tensor& gradient) const;
  State at_rest(const State&) const;
  static const Output& output(const State& s) { return s.output; }
  std::vector<Statistic> statistics() const;

 private:
  State begin(const Chain&, const State&, const Tuning&) const;

  double trajectory_length_;
  std::int64_t num_steps_;
};

}  // namespace nuthatch::kernels
