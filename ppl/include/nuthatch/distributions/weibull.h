#pragma once
/// Weibull(scale, concentration): x > 0, both parameters > 0.
///   log p(x) = log(k / scale) + (k - 1) log(x / scale) - (x / scale)^k,   k = concentration
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Weibull : Distribution {
  template <Positional A, Positional B>
  explicit Weibull(const A& scale, const B& concentration, Where where = Where::current())
      : Distribution(make(scale, concentration, where)) {}

 private:
  static Distribution make(const Tensor& scale, const Tensor& concentration, Where where);
};

} // namespace nuthatch
