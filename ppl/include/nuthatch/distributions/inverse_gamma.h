#pragma once
/// InverseGamma(concentration, rate): x > 0, both parameters > 0; 1 / Gamma(concentration, rate).
///   log p(x) = a log(rate) - lgamma(a) - (a + 1) log(x) - rate / x,   a = concentration
#include "nuthatch/distribution.h"

namespace nuthatch {

struct InverseGamma : Distribution {
  template <Positional A, Positional B>
  explicit InverseGamma(const A& concentration, const B& rate, Where where = Where::current())
      : Distribution(make(concentration, rate, where)) {}

 private:
  static Distribution make(const Tensor& concentration, const Tensor& rate, Where where);
};

}  // namespace nuthatch
