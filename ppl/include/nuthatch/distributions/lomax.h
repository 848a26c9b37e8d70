#pragma once
/// Lomax(scale, alpha): x > 0, both parameters > 0; Pareto moved to the origin, Pareto type II.
///   log p(x) = log(alpha / scale) - (alpha + 1) log(1 + x / scale)
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Lomax : Distribution {
  template <Positional A, Positional B>
  explicit Lomax(const A& scale, const B& alpha, Where where = Where::current())
      : Distribution(make(scale, alpha, where)) {}

 private:
  static Distribution make(const Tensor& scale, const Tensor& alpha, Where where);
};

} // namespace nuthatch
