// The Barker proposal (Livingstone & Zanella, JRSS B 84, 2022): every coordinate of the noise keeps its sign with
// probability sigmoid(noise x gradient), else flips it. First order as MALA is, but gradients enter only through a
// bounded function, so a poor scale costs little.
#pragma once

#include "inference/kernels/point_kernel.h"

namespace nuthatch::kernels {

class Barker {
 public:
  struct State {
    Tensor move;  // [dim], in coordinates where the estimated covariance is the identity
    static constexpr auto fields = names("move");
  };
  static constexpr bool needs_gradient = true;

  State begin(std::int64_t dim) const { return {zeros(dim)}; }
  std::pair<State, Tensor> propose(const Chain&, const State&, const Evaluated& current, const Tuning&) const;
  Judgement<State> judge(const Chain&, const State&, const Evaluated& current, const Evaluated& reached,
                         const Tuning&) const;
  std::vector<Statistic> statistics() const;
};

}  // namespace nuthatch::kernels
