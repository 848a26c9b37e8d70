#pragma once
/// HurdleGamma(gate, concentration, rate): Hurdle(Gamma(concentration, rate), gate).
#include "nuthatch/distributions/gamma.h"
#include "nuthatch/distributions/hurdle.h"

namespace nuthatch {

struct HurdleGamma : Hurdle {
  template <Positional A, Positional B, Positional C>
  explicit HurdleGamma(const A& gate, const B& concentration, const C& rate, Where where = Where::current())
      : Hurdle(make("HurdleGamma", Gamma(concentration, rate, where), gate, where)) {}
};

}  // namespace nuthatch
