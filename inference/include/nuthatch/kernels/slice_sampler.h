#pragma once
/// Slice sampling, one coordinate after the other: no gradient and hardly any tuning, for few and not too correlated
/// dimensions. Neal, Annals of Statistics 31 (2003).
#include "nuthatch/kernels/kernel.h"

namespace nuthatch {

struct SliceSamplerOptions {
  OnlyNamed only_named{};
  /// Length of the first intervals, in unconstrained space. Warm-up learns one for each coordinate.
  double width = 1.0;
  /// An interval is stepped out to at most that many widths.
  std::int64_t max_steps_out = 50;
  Init init = init_to_uniform();
};

Kernel SliceSampler(const Model& model, const SliceSamplerOptions& options = {}, Where where = Where::current());

}  // namespace nuthatch
