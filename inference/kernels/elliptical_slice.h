// Elliptical slice sampling for a Gaussian prior (Murray, Adams & MacKay, AISTATS 2010): points on the ellipse through
// the current position and a draw from the prior, the angle shrinking towards 0 until the likelihood exceeds the slice
// level. There is nothing to tune.
#pragma once

#include "inference/kernels/point_kernel.h"

namespace nuthatch::kernels {

/// Normal distribution of the latent variables a priori.
struct GaussianPrior {
  Tensor mean;    // [dim]
  Tensor factor;  // U with U U^T the precision: lower triangular [dim, dim], or the diagonal [dim]
};

class EllipticalSlice {
 public:
  struct State {
    Tensor fresh;          // bool_: the draw has no ellipse yet
    Tensor other;          // [dim], the draw from the prior, without its mean
    Tensor level;          // log likelihood that the next point must exceed
    Tensor angle, low, high;
    Tensor evaluations;    // i64, of this draw
    static constexpr auto fields = names("fresh", "other", "level", "angle", "low", "high", "evaluations");
  };
  static constexpr bool needs_gradient = false;

  explicit EllipticalSlice(GaussianPrior prior) : prior_(std::move(prior)) {}
  State begin(std::int64_t dim) const;
  std::pair<State, Tensor> propose(const Chain&, const State&, const Evaluated& current, const Tuning&) const;
  Judgement<State> judge(const Chain&, const State&, const Evaluated& current, const Evaluated& reached,
                         const Tuning&) const;
  std::vector<Statistic> statistics() const;

 private:
  Tensor log_likelihood(const Evaluated&) const;
  State new_ellipse(const Chain&, const State&, const Evaluated& current) const;

  GaussianPrior prior_;
};

}  // namespace nuthatch::kernels
