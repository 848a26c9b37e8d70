#pragma once
/// ImproperUniform(constraint, shape): log density 0 on the whole set, for values of that shape; a flat prior. It has
/// no draws. The trailing dimensions that belong to the constraint are the event, those before them the batch.
#include "nuthatch/distribution.h"

namespace nuthatch {

struct ImproperUniform : Distribution {
  explicit ImproperUniform(const Constraint& constraint, const Shape& shape = {}, Where where = Where::current());
};

} // namespace nuthatch
