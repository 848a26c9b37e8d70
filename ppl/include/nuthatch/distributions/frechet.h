#pragma once
/// Frechet(scale, concentration): x > 0, both parameters > 0; one over a Weibull(1 / scale, concentration) value.
///   log p(x) = log(k / scale) - (k + 1) log(x / scale) - (x / scale)^(-k),   k = concentration
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Frechet : Distribution {
  template <Positional A, Positional B>
  explicit Frechet(const A& scale, const B& concentration, Where where = Where::current())
      : Distribution(make(scale, concentration, where)) {}

 private:
  static Distribution make(const Tensor& scale, const Tensor& concentration, Where where);
};

} // namespace nuthatch
