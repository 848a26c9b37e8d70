#pragma once
/// Gompertz(concentration, rate = 1): x > 0, both parameters > 0; a hazard that grows exponentially.
///   log p(x) = log(concentration rate) + rate x - concentration (exp(rate x) - 1)
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Gompertz : Distribution {
  template <Positional A>
  explicit Gompertz(const A& concentration, Where where = Where::current()) : Gompertz(concentration, 1.0, where) {}
  template <Positional A, Positional B>
  explicit Gompertz(const A& concentration, const B& rate, Where where = Where::current())
      : Distribution(make(concentration, rate, where)) {}

 private:
  static Distribution make(const Tensor& concentration, const Tensor& rate, Where where);
};

} // namespace nuthatch
