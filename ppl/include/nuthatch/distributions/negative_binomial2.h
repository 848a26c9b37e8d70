#pragma once
/// NegativeBinomial2(mean, concentration): the same as NegativeBinomial({.mean, .concentration}).
#include "nuthatch/distributions/negative_binomial.h"

namespace nuthatch {

struct NegativeBinomial2 : NegativeBinomial {
  template <Positional A, Positional B>
  explicit NegativeBinomial2(const A& mean, const B& concentration, Where where = Where::current())
      : NegativeBinomial({.mean = mean, .concentration = concentration}, where) {}
};

}  // namespace nuthatch
