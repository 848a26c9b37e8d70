// Differential evolution with an archive of past states, one chain by itself (ter Braak & Vrugt, Statistics and Computing
// 18, 2008): x' = x + g (z1 - z2) + e, with z1, z2 drawn from the archive and e small normal noise. The archive begins with
// points around the start and takes up every tenth draw of warm-up, the oldest leaving; then it stays as it is, so the
// draws that are kept come from one fixed, symmetric Metropolis kernel.
#pragma once

#include "inference/kernels/point_kernel.h"

namespace nuthatch::kernels {

class DifferenceArchive {
 public:
  struct State {
    Tensor archive;  // [capacity, dim]
    Tensor size;     // i64, how many are filled
    static constexpr auto fields = names("archive", "size");
  };
  static constexpr bool needs_gradient = false;

  /// capacity 0: 100 + 10 dim.
  DifferenceArchive(std::int64_t capacity, double noise) : capacity_(capacity), noise_(noise) {}
  State begin(std::int64_t dim) const;
  std::pair<State, Tensor> propose(const Chain&, const State&, const Evaluated& current, const Tuning&) const;
  Judgement<State> judge(const Chain&, const State&, const Evaluated& current, const Evaluated& reached,
                         const Tuning&) const;
  std::vector<Statistic> statistics() const;

 private:
  std::int64_t capacity_;
  double noise_;
};

}  // namespace nuthatch::kernels
