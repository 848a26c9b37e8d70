#pragma once
/// HurdleLogNormal(gate, loc, scale): Hurdle(LogNormal(loc, scale), gate).
#include "nuthatch/distributions/hurdle.h"
#include "nuthatch/distributions/log_normal.h"

namespace nuthatch {

struct HurdleLogNormal : Hurdle {
  template <Positional A, Positional B, Positional C>
  explicit HurdleLogNormal(const A& gate, const B& loc, const C& scale, Where where = Where::current())
      : Hurdle(make("HurdleLogNormal", LogNormal(loc, scale, where), gate, where)) {}
};

}  // namespace nuthatch
