// Ensemble slice sampling (Karamanis & Beutler, Statistics and Computing 31, 2021): half of the walkers are slice sampled
// along directions given by the other half, eta = mu (a - b), with stepping out and shrinkage (Neal 2003). During warm-up
// mu is multiplied by 2 n_e / (n_e + n_c) after each draw, with the numbers of expansions n_e and contractions n_c.
// A tick evaluates one point of every walker that moves; those that have found theirs wait for the half to be complete.
#pragma once

#include "inference/kernels/ensemble.h"

namespace nuthatch::kernels {

class EnsembleSlice {
 public:
  struct Settings {
    std::int64_t max_steps_out = 10000;
    double scale = 1;
    bool tune_scale = true, randomize_split = true;
  };
  /// Of the walkers that move: [walkers / 2] each.
  struct Intervals {
    Tensor direction;  // [walkers / 2, dim]
    Tensor level;      // log density that the next point must exceed
    Tensor left, right;
    Tensor steps_left, steps_right;  // i64, how often each end may still step out
    Tensor phase;                    // i64: the left end steps out, the right end does, points in between, found
    static constexpr auto fields = names("direction", "level", "left", "right", "steps_left", "steps_right", "phase");
  };
  struct State {
    Tensor half;                     // i64, 0 or 1: which half moves
    Tensor order;                    // [walkers] i64: those below walkers / 2 are the first half
    Tensor fresh;                    // bool_: the half has no intervals yet
    Tensor evaluations;              // i64, of this draw, per walker of a half
    Tensor expansions, contractions; // f64, of this draw
    Tensor scale;                    // mu
    Intervals intervals;
    static constexpr auto fields =
        names("half", "order", "fresh", "evaluations", "expansions", "contractions", "scale", "intervals");
  };
  static constexpr bool needs_gradient = false;

  explicit EnsembleSlice(const Settings& settings) : settings_(settings) {}
  State begin(std::int64_t walkers, std::int64_t dim) const;
  EnsembleMove<State> move(const Chain&, const State&, const Walkers&, const Target&) const;
  std::vector<Statistic> statistics() const;

 private:
  State new_intervals(const Chain&, const State&, const Walkers&) const;

  Settings settings_;
};

}  // namespace nuthatch::kernels
