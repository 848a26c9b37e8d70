#pragma once
/// IntervalCensored(base, {.left_censored, .right_censored}): observations (lower, upper), event shape [2], of a value of
/// `base` known to be in lower < x <= upper. -infinity as lower or infinity as upper mean that there is no such bound;
/// equal bounds are an exact observation.
///   log p = log P_base(lower < X <= upper),   log p_base(x) where lower = upper = x
/// Where left_censored holds the lower bound is ignored, where right_censored holds the upper one; where both do, the
/// value is known to be outside: log(1 - P_base(lower < X <= upper)).
/// Draws are exact observations (x, x) of the base.
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters, bool_ or 0 and 1.
struct IntervalCensoring {
  OnlyNamed only_named{};
  Tensor left_censored = false;
  Tensor right_censored = false;
};

struct IntervalCensored : Distribution {
  explicit IntervalCensored(const Distribution& base, const IntervalCensoring& options = {},
                            Where where = Where::current());
};

}  // namespace nuthatch
