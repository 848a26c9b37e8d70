#pragma once
/// Censored(base, {.lower, .upper}): a draw from `base` moved to the nearest bound when it is outside of [lower, upper],
/// as an instrument that saturates reports it. One of the bounds may be left out.
///   log p(lower) = log P_base(X <= lower),   log p(upper) = log P_base(X >= upper),   log p(x) = log p_base(x) between
/// The first two are masses, the third is a density when the base is continuous.
#include "nuthatch/distributions/truncated.h"

namespace nuthatch {

struct Censored : Distribution {
  explicit Censored(const Distribution& base, const Bounds& bounds, Where where = Where::current());
};

}  // namespace nuthatch
