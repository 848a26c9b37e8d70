#pragma once
/// Masked(base, mask): the same as base.mask(mask): elements where the mask, of dtype bool_, is false have log density 0.
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Masked : Distribution {
  explicit Masked(const Distribution& base, const Tensor& mask, Where where = Where::current())
      : Distribution(base.mask(mask, where)) {}
};

}  // namespace nuthatch
