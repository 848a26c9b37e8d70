#pragma once
/// HurdleNegativeBinomial(gate, {.mean, .concentration}) and the other forms of NegativeBinomial:
/// Hurdle(NegativeBinomial(options), gate).
#include "nuthatch/distributions/hurdle.h"
#include "nuthatch/distributions/negative_binomial.h"

namespace nuthatch {

struct HurdleNegativeBinomial : Hurdle {
  template <Positional A>
  explicit HurdleNegativeBinomial(const A& gate, const NegativeBinomialOptions& options, Where where = Where::current())
      : Hurdle(make("HurdleNegativeBinomial", NegativeBinomial(options, where), gate, where)) {}
};

}  // namespace nuthatch
