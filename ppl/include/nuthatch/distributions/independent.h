#pragma once
/// Independent(base, dims): the same as base.to_event(dims): the last `dims` dimensions of the batch become one event.
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Independent : Distribution {
  explicit Independent(const Distribution& base, int dims, Where where = Where::current())
      : Distribution(base.to_event(dims, where)) {}
};

}  // namespace nuthatch
