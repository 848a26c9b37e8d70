#pragma once
/// ZeroInflated(base, gate) or ZeroInflated(base, {.gate_logits}): 0 with probability gate in [0, 1], else a draw from
/// `base`, a discrete distribution whose support has 0.
///   log p(0) = log(gate + (1 - gate) p_base(0)),   log p(x) = log(1 - gate) + log p_base(x)
#include "nuthatch/distribution.h"

namespace nuthatch {

/// Named parameters.
struct GateLogits {
  OnlyNamed only_named{};
  Tensor gate_logits{};
};

struct ZeroInflated : Distribution {
  template <Positional A>
  explicit ZeroInflated(const Distribution& base, const A& gate, Where where = Where::current())
      : Distribution(make("ZeroInflated", base, gate, where)) {}
  explicit ZeroInflated(const Distribution& base, const GateLogits& options, Where where = Where::current());

 protected:
  explicit ZeroInflated(const Distribution& made) : Distribution(made) {}
  static Distribution make(const char* name, const Distribution& base, const Tensor& gate, Where where);
};

}  // namespace nuthatch
