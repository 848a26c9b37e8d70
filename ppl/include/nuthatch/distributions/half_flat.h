#pragma once
/// HalfFlat(): x > 0; log density 0. Not a probability distribution: it has no draws.
///   log p(x) = 0
#include "nuthatch/distribution.h"

namespace nuthatch {

struct HalfFlat : Distribution {
  explicit HalfFlat(Where where = Where::current());
};

} // namespace nuthatch
