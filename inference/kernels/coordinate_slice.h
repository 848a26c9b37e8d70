// Slice sampling of one coordinate after the other with stepping out and shrinkage (Neal, Annals of Statistics 31, 2003,
// figures 3 and 5). A draw is one sweep over all coordinates. The widths of the first intervals are learned during
// warm-up: the mean length of the intervals in which a point was found.
#pragma once

#include "inference/kernels/point_kernel.h"

namespace nuthatch::kernels {

class CoordinateSlice {
 public:
  struct State {
    Tensor width;       // [dim]
    Tensor coordinate;  // i64
    Tensor phase;       // i64: the left end steps out, the right end does, points in between
    Tensor fresh;       // bool_: the coordinate has no interval yet
    Tensor level;       // log density that the next point must exceed
    Tensor left, right;
    Tensor steps_left, steps_right;  // i64: how often each end may still step out
    Tensor evaluations;              // i64, of this draw
    static constexpr auto fields = names("width", "coordinate", "phase", "fresh", "level", "left", "right",
                                         "steps_left", "steps_right", "evaluations");
  };
  static constexpr bool needs_gradient = false;

  CoordinateSlice(double width, std::int64_t max_steps_out) : width_(width), max_steps_out_(max_steps_out) {}
  State begin(std::int64_t dim) const;
  std::pair<State, Tensor> propose(const Chain&, const State&, const Evaluated& current, const Tuning&) const;
  Judgement<State> judge(const Chain&, const State&, const Evaluated& current, const Evaluated& reached,
                         const Tuning&) const;
  std::vector<Statistic> statistics() const;

 private:
  double width_;
  std::int64_t max_steps_out_;
};

}  // namespace nuthatch::kernels
