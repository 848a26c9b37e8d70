#pragma once
/// TruncatedCauchy(loc, scale, {.lower, .upper}): Truncated(Cauchy(loc, scale), {.lower, .upper}).
#include "nuthatch/distributions/cauchy.h"
#include "nuthatch/distributions/truncated.h"

namespace nuthatch {

struct TruncatedCauchy : Truncated {
  template <Positional A, Positional B>
  explicit TruncatedCauchy(const A& loc, const B& scale, const Bounds& bounds, Where where = Where::current())
      : Truncated(make("TruncatedCauchy", Cauchy(loc, scale, where), bounds, where)) {}
};

}  // namespace nuthatch
