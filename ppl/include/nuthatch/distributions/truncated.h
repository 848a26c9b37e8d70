#pragma once
/// Truncated(base, {.lower, .upper}): `base`, a distribution of one number that has a distribution function, given that
/// lower <= x <= upper. One of the bounds may be left out; bounds of a discrete base are included.
///   log p(x) = log p_base(x) - log P_base(lower <= X <= upper)
/// The mass is computed from the tail in which it lies, so that bounds may be far outside of the bulk of the base. Draws
/// by inversion, differentiable where those of the base are.
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters; at least one of them.
struct Bounds {
  OnlyNamed only_named{};
  Tensor lower{};
  Tensor upper{};
};

struct Truncated : Distribution {
  explicit Truncated(const Distribution& base, const Bounds& bounds, Where where = Where::current())
      : Distribution(make("Truncated", base, bounds, where)) {}

 protected:
  explicit Truncated(const Distribution& made) : Distribution(made) {}
  static Distribution make(const char* name, const Distribution& base, const Bounds& bounds, Where where);
};

}  // namespace nuthatch
