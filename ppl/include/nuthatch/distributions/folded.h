#pragma once
/// Folded(base): |x| of a continuous distribution of real numbers.
///   p(x) = p_base(x) + p_base(-x),   x >= 0
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Folded : Distribution {
  explicit Folded(const Distribution& base, Where where = Where::current());
};

}  // namespace nuthatch
