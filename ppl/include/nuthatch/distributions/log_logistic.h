#pragma once
/// LogLogistic(scale, concentration): x > 0, both parameters > 0; exp(Logistic(log(scale), 1 / concentration)).
///   log p(x) = log(k / scale) + (k - 1) log(x / scale) - 2 log(1 + (x / scale)^k),   k = concentration
#include "nuthatch/distribution.h"

namespace nuthatch {

struct LogLogistic : Distribution {
  template <Positional A, Positional B>
  explicit LogLogistic(const A& scale, const B& concentration, Where where = Where::current())
      : Distribution(make(scale, concentration, where)) {}

 private:
  static Distribution make(const Tensor& scale, const Tensor& concentration, Where where);
};

} // namespace nuthatch
