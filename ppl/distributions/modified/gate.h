#pragma once
/// The probability of a zero that zero-inflated and hurdle distributions add, given as it is or by its logit.
#include "nuthatch/math.h"
#include "nuthatch/detail/distribution_impl.h"

namespace nuthatch::detail {

struct Gate {
  Tensor probability, complement, log_probability, log_complement;
  static Gate of(const Parameter& p) {
    const Tensor& x = p.value;
    if (!x.defined()) return {};
    if (p.name == "gate_logits") return {sigmoid(x), sigmoid(-x), -softplus(-x), -softplus(x)};
    return {x, 1.0 - x, log(x), log1p(-x)};
  }
};

}  // namespace nuthatch::detail
