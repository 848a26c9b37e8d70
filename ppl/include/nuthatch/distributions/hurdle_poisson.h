#pragma once
/// HurdlePoisson(gate, rate): Hurdle(Poisson(rate), gate).
#include "nuthatch/distributions/hurdle.h"
#include "nuthatch/distributions/poisson.h"

namespace nuthatch {

struct HurdlePoisson : Hurdle {
  template <Positional A, Positional B>
  explicit HurdlePoisson(const A& gate, const B& rate, Where where = Where::current())
      : Hurdle(make("HurdlePoisson", Poisson(rate, where), gate, where)) {}
};

}  // namespace nuthatch
