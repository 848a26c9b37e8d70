#pragma once
/// ZeroSumNormal(scale, event_shape): independent normal numbers conditioned to sum to 0 along every dimension of
/// event_shape; scale > 0 of the unconditioned ones. Deflections from a common mean, without the redundancy. The density
/// is with respect to the volume of the subspace, d = prod_i (n_i - 1) its dimension:
///   log p(x) = -|x|^2 / (2 scale^2) - d log(scale) - d/2 log(2 pi)
#include "nuthatch/distribution.h"

namespace nuthatch {

struct ZeroSumNormal : Distribution {
  template <Positional S>
  explicit ZeroSumNormal(const S& scale, const Shape& event_shape, Where where = Where::current())
      : Distribution(make(scale, event_shape, where)) {}

 private:
  static Distribution make(const Tensor& scale, const Shape& event_shape, Where where);
};

}  // namespace nuthatch
