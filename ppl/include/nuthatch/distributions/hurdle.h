#pragma once
/// Hurdle(base, gate) or Hurdle(base, {.gate_logits}): 0 with probability gate in [0, 1], else a draw from `base` that is
/// not 0. Of a discrete base the zero is taken out:
///   p(0) = gate,   p(x) = (1 - gate) p_base(x) / (1 - p_base(0))
/// A continuous base is never 0 and stays what it is: p(x) = (1 - gate) p_base(x) with respect to length, and a point of
/// mass gate at 0.
#include "nuthatch/distributions/zero_inflated.h"

namespace nuthatch {

struct Hurdle : Distribution {
  template <Positional A>
  explicit Hurdle(const Distribution& base, const A& gate, Where where = Where::current())
      : Distribution(make("Hurdle", base, gate, where)) {}
  explicit Hurdle(const Distribution& base, const GateLogits& options, Where where = Where::current());

 protected:
  explicit Hurdle(const Distribution& made) : Distribution(made) {}
  static Distribution make(const char* name, const Distribution& base, const Tensor& gate, Where where);
};

}  // namespace nuthatch
