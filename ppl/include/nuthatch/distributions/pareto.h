#pragma once
/// Pareto(scale, alpha): x > scale, both parameters > 0.
///   log p(x) = log(alpha) + alpha log(scale) - (alpha + 1) log(x)
#include "nuthatch/distribution.h"

namespace nuthatch {

struct Pareto : Distribution {
  template <Positional A, Positional B>
  explicit Pareto(const A& scale, const B& alpha, Where where = Where::current())
      : Distribution(make(scale, alpha, where)) {}

 private:
  static Distribution make(const Tensor& scale, const Tensor& alpha, Where where);
};

} // namespace nuthatch
