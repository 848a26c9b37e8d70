// ChEES-HMC (Hoffman, Radul & Sountsov, AISTATS 2021): Hamiltonian Monte Carlo in which all chains take the same number of
// leapfrogs. Warm-up adapts, from all chains together,
//  - the trajectory length, by stochastic gradient ascent (Adam) on the change of the estimator of expected squares,
//    ChEES = 1/4 E (|x' - m|^2 - |x - m|^2)^2,
//  - the step size, by dual averaging of the harmonic mean of the acceptance probabilities,
//  - the variances of the coordinates, by averages over chains and draws (Sountsov & Hoffman 2022).
// A draw has length u L, u from the van der Corput sequence in base 2: jitter without gaps. A tick is one leapfrog of all
// chains.
#pragma once

#include "inference/kernels/ensemble.h"

namespace nuthatch::kernels {

class Chees {
 public:
  struct Settings {
    double step_size = 1, target_accept_prob = 0.651, learning_rate = 0.025;
    std::int64_t max_leapfrogs = 1000;
  };
  struct StepSize {
    Tensor log_target, mean_error, log_average, updates;  // as in mcmc::DualAveraging
    Tensor current;
    static constexpr auto fields = names("log_target", "mean_error", "log_average", "updates", "current");
  };
  struct Length {
    Tensor log_length, log_average, square;  // Adam without momentum: mean of the squared gradient
    static constexpr auto fields = names("log_length", "log_average", "square");
  };
  struct State {
    Walkers moving;        // the ends of the trajectories
    Tensor momenta;        // [walkers, dim], where variances are one
    Tensor energies;       // [walkers], where the trajectories began
    Tensor step, steps;    // i64, leapfrogs done and wanted
    Tensor time;           // length of this trajectory
    StepSize step_size;
    Length length;
    Tensor mean, variance; // [dim], pooled
    static constexpr auto fields = names("moving", "momenta", "energies", "step", "steps", "time", "step_size", "length",
                                         "mean", "variance");
  };
  static constexpr bool needs_gradient = true;

  explicit Chees(const Settings& settings) : settings_(settings) {}
  State begin(std::int64_t walkers, std::int64_t dim) const;
  EnsembleMove<State> move(const Chain&, const State&, const Walkers&, const Target&) const;
  std::vector<Statistic> statistics() const;

 private:
  State begin_trajectories(const Chain&, const State&, const Walkers&) const;
  State learn(const Chain&, const State&, const Walkers& before, const Walkers& after, const Tensor& probability) const;

  Settings settings_;
};

}  // namespace nuthatch::kernels
