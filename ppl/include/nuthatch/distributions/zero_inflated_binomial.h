#pragma once
/// ZeroInflatedBinomial(gate, total_count, probs): ZeroInflated(Binomial(total_count, probs), gate).
#include "nuthatch/distributions/binomial.h"
#include "nuthatch/distributions/zero_inflated.h"

namespace nuthatch {

struct ZeroInflatedBinomial : ZeroInflated {
  template <Positional A, Positional B, Positional C>
  explicit ZeroInflatedBinomial(const A& gate, const B& total_count, const C& probs, Where where = Where::current())
      : ZeroInflated(make("ZeroInflatedBinomial", Binomial(total_count, probs, where), gate, where)) {}
};

}  // namespace nuthatch
