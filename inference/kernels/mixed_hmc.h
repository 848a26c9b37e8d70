// Mixed Hamiltonian Monte Carlo (Zhou 2020) as a state machine of one leapfrog per tick. Every discrete number i has a
// kinetic energy k_i >= 0 with density exp(-k_i). A trajectory is K + 1 stretches of equally many leapfrogs with an update
// of one number between two of them: a proposal, symmetric, that raises the potential energy by D is taken when k_i > D,
// and then k_i falls by D. Such a step conserves the total energy and is undone by itself, so what the final Metropolis
// decision has to correct is the error of the leapfrogs alone.
#pragma once

#include "inference/kernels/hamiltonian.h"

namespace nuthatch::kernels {

/// The numbers of the discrete sites: the smallest value of each and how many there are, 0 for no finite support.
struct DiscreteNumbers {
  std::vector<double> lowest, counts;
};

class MixedHmc {
 public:
  struct State {
    Output output;                    // positions are continuous coordinates, then discrete numbers
    Point point;                      // the moving end of the trajectory, continuous
    Tensor discrete, kinetic;         // [numbers], there
    Tensor gradient, log_density;     // at the current draw; the gradient continuous
    Tensor stretch_energy, error;     // where the stretch began; of the leapfrogs so far
    Tensor step, num_steps;           // i64, of a stretch
    Tensor updates, moves;            // i64, of the trajectory so far
    Tensor uniform;                   // decides on acceptance
    Tensor starting;
    Normals normals;
    Search search;
    static constexpr auto fields = names("output", "point", "discrete", "kinetic", "gradient", "log_density",
                                         "stretch_energy", "error", "step", "num_steps", "updates", "moves", "uniform",
                                         "starting", "normals", "search");
  };

  MixedHmc(double trajectory_length, std::int64_t num_updates, DiscreteNumbers numbers);
  State init(const Chain&, const Start&, const Target&) const;
  State tick(const Chain&, const State&, const Tuning&, const Target&) const;
  State at_rest(const State&) const;
  static const Output& output(const State& s) { return s.output; }
  std::vector<Statistic> statistics() const;

 private:
  std::int64_t numbers() const { return std::int64_t(lowest_.size()); }
  Tuning continuous_tuning(const Tuning&, std::int64_t size) const;
  State begin(const Chain&, const State&, const Tuning&) const;
  State end_stretch(const Chain&, const State&, const Leapfrog&, const Tuning&, const Target&) const;
  State update(const Chain&, const State&, const Leapfrog&, const Tuning&, const Target&) const;
  State end_draw(const State&, const Leapfrog&, const Tuning&) const;
  Tensor proposal(const Key&, const Tensor& value, const Tensor& lowest, const Tensor& count) const;

  double trajectory_length_;
  std::int64_t num_updates_;
  Tensor lowest_, counts_;  // [numbers]
};

}  // namespace nuthatch::kernels
