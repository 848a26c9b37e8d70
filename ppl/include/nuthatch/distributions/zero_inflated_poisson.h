#pragma once
/// ZeroInflatedPoisson(gate, rate): ZeroInflated(Poisson(rate), gate).
#include "nuthatch/distributions/poisson.h"
#include "nuthatch/distributions/zero_inflated.h"

namespace nuthatch {

struct ZeroInflatedPoisson : ZeroInflated {
  template <Positional A, Positional B>
  explicit ZeroInflatedPoisson(const A& gate, const B& rate, Where where = Where::current())
      : ZeroInflated(make("ZeroInflatedPoisson", Poisson(rate, where), gate, where)) {}
};

}  // namespace nuthatch
