#pragma once
/// TruncatedNormal(loc, scale, {.lower, .upper}): Truncated(Normal(loc, scale), {.lower, .upper}).
#include "nuthatch/distributions/normal.h"
#include "nuthatch/distributions/truncated.h"

namespace nuthatch {

struct TruncatedNormal : Truncated {
  template <Positional A, Positional B>
  explicit TruncatedNormal(const A& loc, const B& scale, const Bounds& bounds, Where where = Where::current())
      : Truncated(make("TruncatedNormal", Normal(loc, scale, where), bounds, where)) {}
};

}  // namespace nuthatch
