#pragma once
/// Flat(): x real; log density 0 everywhere. Not a probability distribution: it has no draws.
///   log p(x) = 0
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Flat : Distribution {
  explicit Flat(Where where = Where::current());
};

} // namespace nuthatch
