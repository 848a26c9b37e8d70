#pragma once
/// Expanded(base, batch_shape): the same as base.expand(batch_shape): independent copies.
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Expanded : Distribution {
  explicit Expanded(const Distribution& base, const Shape& batch_shape, Where where = Where::current())
      : Distribution(base.expand(batch_shape, where)) {}
};

}  // namespace nuthatch
