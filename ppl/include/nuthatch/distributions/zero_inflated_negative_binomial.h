#pragma once
/// ZeroInflatedNegativeBinomial(gate, {.mean, .concentration}) and the other forms of NegativeBinomial:
/// ZeroInflated(NegativeBinomial(options), gate).
#include "nuthatch/distributions/negative_binomial.h"
#include "nuthatch/distributions/zero_inflated.h"

namespace nuthatch {

struct ZeroInflatedNegativeBinomial : ZeroInflated {
  template <Positional A>
  explicit ZeroInflatedNegativeBinomial(const A& gate, const NegativeBinomialOptions& options,
                                        Where where = Where::current())
      : ZeroInflated(make("ZeroInflatedNegativeBinomial", NegativeBinomial(options, where), gate, where)) {}
};

}  // namespace nuthatch
